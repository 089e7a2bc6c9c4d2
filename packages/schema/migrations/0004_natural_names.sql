CREATE TABLE `search_pending` (
	`seq` integer PRIMARY KEY NOT NULL
);
--> statement-breakpoint
ALTER TABLE `models` ADD `name_key` text DEFAULT '' NOT NULL;
--> statement-breakpoint
ALTER TABLE `models` ADD `name_order` text GENERATED ALWAYS AS (iif(name_key = '', lower(name), name_key)) VIRTUAL;
--> statement-breakpoint
CREATE INDEX `idx_models_name_order` ON `models` (`name_order`);
