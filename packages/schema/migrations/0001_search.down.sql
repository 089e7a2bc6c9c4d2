-- The index holds nothing that `models` does not: dropping it loses no data.
-- Counters and tag texts follow from the other tables, and nothing keeps them any more: going up again makes them.
-- cc:loss models.tags_text, tags.model_count
DROP TRIGGER `tags_rename`;
--> statement-breakpoint
DROP TRIGGER `model_tags_delete`;
--> statement-breakpoint
DROP TRIGGER `model_tags_insert`;
--> statement-breakpoint
DROP TRIGGER `models_fts_update`;
--> statement-breakpoint
DROP TRIGGER `models_fts_delete`;
--> statement-breakpoint
DROP TRIGGER `models_fts_insert`;
--> statement-breakpoint
DROP TABLE `models_fts`;
--> statement-breakpoint
UPDATE `models` SET `tags_text` = '' WHERE `tags_text` <> '';
--> statement-breakpoint
UPDATE `tags` SET `model_count` = 0 WHERE `model_count` <> 0;
