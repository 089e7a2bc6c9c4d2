-- Takes the whole library away: every table of 0000_tables.sql, children before parents.
DROP TABLE `search_terms`;
--> statement-breakpoint
DROP TABLE `saved_searches`;
--> statement-breakpoint
DROP TABLE `collection_models`;
--> statement-breakpoint
DROP TABLE `collections`;
--> statement-breakpoint
DROP TABLE `model_tags`;
--> statement-breakpoint
DROP TABLE `tags`;
--> statement-breakpoint
DROP TABLE `model_metadata`;
--> statement-breakpoint
DROP TABLE `models`;
