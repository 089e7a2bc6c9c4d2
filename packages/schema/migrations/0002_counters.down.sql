-- Counters and indexes hold nothing that the other tables do not: dropping them loses no data.
-- cc:loss duplicate_hashes, model_counts, search_deletes, search_state
DROP INDEX `idx_collection_models_place`;
--> statement-breakpoint
DROP INDEX `idx_metadata_key_other`;
--> statement-breakpoint
DROP INDEX `idx_metadata_key_text`;
--> statement-breakpoint
DROP INDEX `idx_metadata_key_number`;
--> statement-breakpoint
CREATE INDEX `idx_metadata_key_text` ON `model_metadata` (`metadata_key`,`value_text`) WHERE value_type = 'text';
--> statement-breakpoint
CREATE INDEX `idx_metadata_key_number` ON `model_metadata` (`metadata_key`,`value_number`) WHERE value_number is not null;
--> statement-breakpoint
DROP INDEX `idx_tags_model_count`;
--> statement-breakpoint
DROP INDEX `idx_models_file_size`;
--> statement-breakpoint
DROP INDEX `idx_models_triangles`;
--> statement-breakpoint
DROP INDEX `idx_models_parse_status`;
--> statement-breakpoint
DROP INDEX `idx_models_status`;
--> statement-breakpoint
DROP INDEX `idx_models_favorite`;
--> statement-breakpoint
DROP INDEX `idx_models_rating`;
--> statement-breakpoint
DROP INDEX `idx_models_license`;
--> statement-breakpoint
DROP INDEX `idx_models_author`;
--> statement-breakpoint
ALTER TABLE `models` DROP COLUMN `facets`;
--> statement-breakpoint
ALTER TABLE `models` DROP COLUMN `triangle_octave`;
--> statement-breakpoint
ALTER TABLE `models` DROP COLUMN `size_octave`;
--> statement-breakpoint
DROP TABLE `search_state`;
--> statement-breakpoint
DROP TABLE `search_deletes`;
--> statement-breakpoint
DROP TABLE `model_counts`;
--> statement-breakpoint
DROP TABLE `duplicate_hashes`;
