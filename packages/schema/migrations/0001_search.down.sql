-- The index holds nothing that `models` does not: dropping it loses no data.
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
