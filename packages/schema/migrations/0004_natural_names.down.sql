-- Keys of names and the list of pending words hold nothing that the models do not: dropping them loses no data.
-- cc:loss search_pending, models.name_key
DROP INDEX `idx_models_name_order`;
--> statement-breakpoint
ALTER TABLE `models` DROP COLUMN `name_order`;
--> statement-breakpoint
ALTER TABLE `models` DROP COLUMN `name_key`;
--> statement-breakpoint
DROP TABLE `search_pending`;
