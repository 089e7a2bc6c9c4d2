// What narrows a listing, a count or a search.
import type { ModelFormat, ModelStatus, ParseStatus } from '@cc/schema';

/** Conditions on models, all of which must hold. An absent or undefined condition does not narrow; an empty list of formats matches nothing. */
export interface ModelFilter {
  readonly formats?: readonly ModelFormat[] | undefined;
  readonly statuses?: readonly ModelStatus[] | undefined;
  readonly parseStatuses?: readonly ParseStatus[] | undefined;
  /** Every one of these tags, in any letter case. */
  readonly tagsAll?: readonly string[] | undefined;
  /** At least one of these tags. */
  readonly tagsAny?: readonly string[] | undefined;
  /** None of these tags. */
  readonly tagsNone?: readonly string[] | undefined;
  /** Created at this time or later. */
  readonly createdFrom?: Date | undefined;
  /** Created before this time. */
  readonly createdTo?: Date | undefined;
  readonly minTriangles?: number | undefined;
  readonly maxTriangles?: number | undefined;
  /** Bytes. */
  readonly minFileSize?: number | undefined;
  /** Bytes. */
  readonly maxFileSize?: number | undefined;
  /** 0 to 5; models without a rating do not match. */
  readonly minRating?: number | undefined;
  /** 0 to 5; models without a rating do not match. */
  readonly maxRating?: number | undefined;
  readonly favorite?: boolean | undefined;
  /** Printed at least once, or never. */
  readonly printed?: boolean | undefined;
  /** Last printed at this time or later. */
  readonly printedFrom?: Date | undefined;
  /** Last printed before this time. */
  readonly printedTo?: Date | undefined;
  /** The whole name of the author, letter case included. */
  readonly author?: string | undefined;
  /** The whole name of the license, letter case included. */
  readonly license?: string | undefined;
  /** In at least one of these collections, or of those inside them; by their ids. */
  readonly collectionsAny?: readonly string[] | undefined;
  /**
   * The inside of a box in millimetres: the model fits in, whichever of its sides stands up. Two sides that are equal to a
   * thousandth of a millimetre are equal. Models of which no sizes are known do not match; without a unit, sizes are millimetres.
   */
  readonly fitsMm?: readonly [number, number, number] | undefined;
  /** Millimetres of the longest side; as with `fitsMm`. */
  readonly minSizeMm?: number | undefined;
  /** Millimetres of the longest side; as with `fitsMm`. */
  readonly maxSizeMm?: number | undefined;
  /** Cubic millimetres; models of which no volume is known do not match. */
  readonly minVolumeMm3?: number | undefined;
  /** Cubic millimetres; models of which no volume is known do not match. */
  readonly maxVolumeMm3?: number | undefined;
}
