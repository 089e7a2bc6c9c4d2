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
ALTER TABLE `models` ADD `size_octave` integer GENERATED ALWAYS AS ((file_size >= 1024) + (file_size >= 2048) + (file_size >= 4096) + (file_size >= 8192) + (file_size >= 16384) + (file_size >= 32768) + (file_size >= 65536) + (file_size >= 131072) + (file_size >= 262144) + (file_size >= 524288) + (file_size >= 1048576) + (file_size >= 2097152) + (file_size >= 4194304) + (file_size >= 8388608) + (file_size >= 16777216) + (file_size >= 33554432) + (file_size >= 67108864) + (file_size >= 134217728) + (file_size >= 268435456) + (file_size >= 536870912) + (file_size >= 1073741824) + (file_size >= 2147483648) + (file_size >= 4294967296)) VIRTUAL;--> statement-breakpoint
ALTER TABLE `models` ADD `triangle_octave` integer GENERATED ALWAYS AS ((triangles >= 64) + (triangles >= 128) + (triangles >= 256) + (triangles >= 512) + (triangles >= 1024) + (triangles >= 2048) + (triangles >= 4096) + (triangles >= 8192) + (triangles >= 16384) + (triangles >= 32768) + (triangles >= 65536) + (triangles >= 131072) + (triangles >= 262144) + (triangles >= 524288) + (triangles >= 1048576) + (triangles >= 2097152) + (triangles >= 4194304) + (triangles >= 8388608) + (triangles >= 16777216)) VIRTUAL;--> statement-breakpoint
ALTER TABLE `models` ADD `facets` text GENERATED ALWAYS AS (char(57344) || 'f' || format || coalesce(' ' || char(57344) || 'y' || strftime('%Y', created_at / 1000.0, 'unixepoch'), '') || coalesce(' ' || char(57344) || 'm' || strftime('%Y%m', created_at / 1000.0, 'unixepoch'), '') || ' ' || char(57344) || 's' || size_octave || coalesce(' ' || char(57344) || 't' || triangle_octave, '') || coalesce(' ' || char(57344) || 'l' || hex(substr(license, 1, 24)), '') || coalesce(' ' || char(57344) || 'a' || hex(substr(author, 1, 24)), '') || coalesce(' ' || char(57344) || 'r' || rating, '') || iif(status <> 'active', ' ' || char(57344) || 'x' || status, '') || iif(favorite = 1, ' ' || char(57344) || 'v', '') || iif(parse_status = 'unparsed', ' ' || char(57344) || 'u', '')) VIRTUAL;--> statement-breakpoint
CREATE INDEX `idx_models_author` ON `models` (`author`,`created_at`) WHERE author is not null;--> statement-breakpoint
CREATE INDEX `idx_models_license` ON `models` (`license`,`created_at`) WHERE license is not null;--> statement-breakpoint
CREATE INDEX `idx_models_rating` ON `models` (`rating`,`created_at`) WHERE rating is not null;--> statement-breakpoint
CREATE INDEX `idx_models_favorite` ON `models` (`created_at`) WHERE favorite = 1;--> statement-breakpoint
CREATE INDEX `idx_models_status` ON `models` (`status`,`created_at`) WHERE status <> 'active';--> statement-breakpoint
CREATE INDEX `idx_models_parse_status` ON `models` (`parse_status`,`created_at`) WHERE parse_status <> 'parsed';--> statement-breakpoint
CREATE INDEX `idx_models_triangles` ON `models` (`triangles`) WHERE triangles is not null;--> statement-breakpoint
CREATE INDEX `idx_models_file_size` ON `models` (`file_size`);--> statement-breakpoint
CREATE INDEX `idx_tags_model_count` ON `tags` (model_count desc,`key`);--> statement-breakpoint
DROP INDEX `idx_metadata_key_number`;--> statement-breakpoint
DROP INDEX `idx_metadata_key_text`;--> statement-breakpoint
CREATE INDEX `idx_metadata_key_number` ON `model_metadata` (`metadata_key`,`value_number`,`model_seq`,`value_type`) WHERE value_number is not null;--> statement-breakpoint
CREATE INDEX `idx_metadata_key_text` ON `model_metadata` (`metadata_key`,`value_text`,`model_seq`) WHERE value_type = 'text';--> statement-breakpoint
CREATE INDEX `idx_metadata_key_other` ON `model_metadata` (`metadata_key`,`value_type`,`model_seq`) WHERE value_type <> 'text' and value_number is null;--> statement-breakpoint
CREATE INDEX `idx_collection_models_place` ON `collection_models` (`collection_id`,`position`,`model_seq`);
