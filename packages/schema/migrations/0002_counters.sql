CREATE TABLE `duplicate_hashes` (
	`file_hash` text PRIMARY KEY NOT NULL,
	`models` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `model_counts` (
	`kind` text NOT NULL,
	`value` text NOT NULL,
	`models` integer NOT NULL,
	PRIMARY KEY(`kind`, `value`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `search_deletes` (
	`del` text NOT NULL,
	`term` text NOT NULL,
	PRIMARY KEY(`del`, `term`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `search_state` (
	`name` text PRIMARY KEY NOT NULL,
	`value` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `models` ADD `facets` text GENERATED ALWAYS AS (char(57344) || 'f' || format || coalesce(' ' || char(57344) || 'y' || strftime('%Y', created_at / 1000.0, 'unixepoch'), '') || coalesce(' ' || char(57344) || 'm' || strftime('%Y%m', created_at / 1000.0, 'unixepoch'), '') || coalesce(' ' || char(57344) || 'l' || hex(substr(license, 1, 24)), '') || coalesce(' ' || char(57344) || 'a' || hex(substr(author, 1, 24)), '')) VIRTUAL;--> statement-breakpoint
CREATE INDEX `idx_models_author` ON `models` (`author`,`created_at`) WHERE author is not null;--> statement-breakpoint
CREATE INDEX `idx_models_license` ON `models` (`license`,`created_at`) WHERE license is not null;--> statement-breakpoint
CREATE INDEX `idx_models_rating` ON `models` (`rating`,`created_at`) WHERE rating is not null;--> statement-breakpoint
CREATE INDEX `idx_models_favorite` ON `models` (`created_at`) WHERE favorite = 1;--> statement-breakpoint
CREATE INDEX `idx_models_status` ON `models` (`status`,`created_at`) WHERE status <> 'active';--> statement-breakpoint
CREATE INDEX `idx_models_parse_status` ON `models` (`parse_status`,`created_at`) WHERE parse_status <> 'parsed';--> statement-breakpoint
CREATE INDEX `idx_models_triangles` ON `models` (`triangles`) WHERE triangles is not null;--> statement-breakpoint
CREATE INDEX `idx_models_file_size` ON `models` (`file_size`);--> statement-breakpoint
CREATE INDEX `idx_tags_model_count` ON `tags` (model_count desc,`key`);--> statement-breakpoint
CREATE INDEX `idx_metadata_key_other` ON `model_metadata` (`metadata_key`,`value_type`) WHERE value_type <> 'text' and value_number is null;--> statement-breakpoint
CREATE INDEX `idx_collection_models_place` ON `collection_models` (`collection_id`,`position`,`model_seq`);
