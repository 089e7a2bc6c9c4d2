CREATE TABLE `collection_models` (
	`collection_id` text NOT NULL,
	`model_seq` integer NOT NULL,
	`position` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`collection_id`, `model_seq`),
	FOREIGN KEY (`collection_id`) REFERENCES `collections`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`model_seq`) REFERENCES `models`(`seq`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `idx_collection_models_model` ON `collection_models` (`model_seq`);--> statement-breakpoint
CREATE TABLE `collections` (
	`id` text PRIMARY KEY NOT NULL,
	`parent_id` text,
	`name` text NOT NULL,
	`description` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`parent_id`) REFERENCES `collections`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `idx_collections_parent_name` ON `collections` (`parent_id`,`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `idx_collections_top_name` ON `collections` (`name`) WHERE parent_id is null;--> statement-breakpoint
CREATE TABLE `model_metadata` (
	`model_seq` integer NOT NULL,
	`metadata_key` text NOT NULL,
	`value_type` text NOT NULL,
	`value_text` text,
	`value_number` real,
	FOREIGN KEY (`model_seq`) REFERENCES `models`(`seq`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "model_metadata_value_check" CHECK(case "model_metadata"."value_type"
        when 'null' then "model_metadata"."value_text" is null and "model_metadata"."value_number" is null
        when 'number' then "model_metadata"."value_text" is null and "model_metadata"."value_number" is not null
        when 'boolean' then "model_metadata"."value_text" is null and "model_metadata"."value_number" in (0, 1)
        else "model_metadata"."value_text" is not null and "model_metadata"."value_number" is null end)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `idx_metadata_model_key` ON `model_metadata` (`model_seq`,`metadata_key`);--> statement-breakpoint
CREATE INDEX `idx_metadata_key_number` ON `model_metadata` (`metadata_key`,`value_number`) WHERE value_number is not null;--> statement-breakpoint
CREATE INDEX `idx_metadata_key_text` ON `model_metadata` (`metadata_key`,`value_text`) WHERE value_type = 'text';--> statement-breakpoint
CREATE TABLE `model_tags` (
	`tag_id` integer NOT NULL,
	`model_seq` integer NOT NULL,
	PRIMARY KEY(`tag_id`, `model_seq`),
	FOREIGN KEY (`tag_id`) REFERENCES `tags`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`model_seq`) REFERENCES `models`(`seq`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `idx_model_tags_model` ON `model_tags` (`model_seq`,`tag_id`);--> statement-breakpoint
CREATE TABLE `models` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`description` text,
	`format` text NOT NULL,
	`file_name` text NOT NULL,
	`file_path` text NOT NULL,
	`file_hash` text NOT NULL,
	`file_size` integer NOT NULL,
	`file_modified_at` integer,
	`author` text,
	`license` text,
	`source_url` text,
	`parse_status` text DEFAULT 'pending' NOT NULL,
	`parse_error` text,
	`triangles` integer,
	`vertices` integer,
	`min_x` real,
	`min_y` real,
	`min_z` real,
	`max_x` real,
	`max_y` real,
	`max_z` real,
	`volume` real,
	`rating` integer,
	`favorite` integer DEFAULT false NOT NULL,
	`status` text DEFAULT 'active' NOT NULL,
	`tags_text` text DEFAULT '' NOT NULL,
	`search_extra` text DEFAULT '' NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	CONSTRAINT "models_file_size_check" CHECK("models"."file_size" >= 0),
	CONSTRAINT "models_rating_check" CHECK("models"."rating" is null or "models"."rating" between 0 and 5),
	CONSTRAINT "models_parse_check" CHECK(("models"."parse_status" = 'unparsed') = ("models"."parse_error" is not null))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `idx_models_id` ON `models` (`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `idx_models_file_path` ON `models` (`file_path`);--> statement-breakpoint
CREATE INDEX `idx_models_file_hash` ON `models` (`file_hash`);--> statement-breakpoint
CREATE INDEX `idx_models_format` ON `models` (`format`);--> statement-breakpoint
CREATE INDEX `idx_models_created_at` ON `models` (`created_at`);--> statement-breakpoint
CREATE INDEX `idx_models_name` ON `models` ("name" collate nocase);--> statement-breakpoint
CREATE INDEX `idx_models_format_created` ON `models` (`format`,`created_at`);--> statement-breakpoint
CREATE TABLE `saved_searches` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`query` text NOT NULL,
	`filters` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `idx_saved_searches_name` ON `saved_searches` (`name`);--> statement-breakpoint
CREATE TABLE `search_terms` (
	`term` text PRIMARY KEY NOT NULL,
	`models` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tags` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`key` text NOT NULL,
	`name` text NOT NULL,
	`model_count` integer DEFAULT 0 NOT NULL,
	CONSTRAINT "tags_name_check" CHECK("tags"."name" <> '' and instr("tags"."name", char(10)) = 0)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `idx_tags_key` ON `tags` (`key`);