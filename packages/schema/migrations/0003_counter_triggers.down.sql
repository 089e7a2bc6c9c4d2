-- Counters are emptied, because nothing keeps them any more; the search index is made again as 0001_search.sql made it.
-- cc:loss duplicate_hashes, model_counts, search_state, search_terms, search_deletes
DROP TRIGGER `model_metadata_count_update`;
--> statement-breakpoint
DROP TRIGGER `model_metadata_count_delete`;
--> statement-breakpoint
DROP TRIGGER `model_metadata_count_insert`;
--> statement-breakpoint
DROP TRIGGER `models_duplicate_update`;
--> statement-breakpoint
DROP TRIGGER `models_duplicate_delete`;
--> statement-breakpoint
DROP TRIGGER `models_duplicate_insert`;
--> statement-breakpoint
DROP TRIGGER `models_count_update`;
--> statement-breakpoint
DROP TRIGGER `models_count_delete`;
--> statement-breakpoint
DROP TRIGGER `models_count_insert`;
--> statement-breakpoint
DELETE FROM duplicate_hashes;
--> statement-breakpoint
DELETE FROM model_counts;
--> statement-breakpoint
DELETE FROM search_state;
--> statement-breakpoint
DROP TABLE `search_terms`;
--> statement-breakpoint
CREATE TABLE `search_terms` (
	`term` text PRIMARY KEY NOT NULL,
	`models` integer NOT NULL
);
--> statement-breakpoint
DELETE FROM search_deletes;
--> statement-breakpoint
DROP TABLE `models_fts_words`;
--> statement-breakpoint
DROP TRIGGER `models_fts_update`;
--> statement-breakpoint
DROP TRIGGER `models_fts_delete`;
--> statement-breakpoint
DROP TRIGGER `models_fts_insert`;
--> statement-breakpoint
DROP TABLE `models_fts`;
--> statement-breakpoint
CREATE VIRTUAL TABLE `models_fts` USING fts5(
	name, description, file_name, tags_text, search_extra,
	content = 'models', content_rowid = 'seq',
	tokenize = 'unicode61 remove_diacritics 2'
);
--> statement-breakpoint
INSERT INTO models_fts(models_fts) VALUES ('rebuild');
--> statement-breakpoint
CREATE TRIGGER `models_fts_insert` AFTER INSERT ON `models` BEGIN
	INSERT INTO models_fts(rowid, name, description, file_name, tags_text, search_extra)
	VALUES (new.seq, new.name, new.description, new.file_name, new.tags_text, new.search_extra);
END;
--> statement-breakpoint
CREATE TRIGGER `models_fts_delete` AFTER DELETE ON `models` BEGIN
	INSERT INTO models_fts(models_fts, rowid, name, description, file_name, tags_text, search_extra)
	VALUES ('delete', old.seq, old.name, old.description, old.file_name, old.tags_text, old.search_extra);
END;
--> statement-breakpoint
CREATE TRIGGER `models_fts_update` AFTER UPDATE OF `seq`, `name`, `description`, `file_name`, `tags_text`, `search_extra` ON `models`
WHEN (old.seq, old.name, old.description, old.file_name, old.tags_text, old.search_extra)
	IS NOT (new.seq, new.name, new.description, new.file_name, new.tags_text, new.search_extra)
BEGIN
	INSERT INTO models_fts(models_fts, rowid, name, description, file_name, tags_text, search_extra)
	VALUES ('delete', old.seq, old.name, old.description, old.file_name, old.tags_text, old.search_extra);
	INSERT INTO models_fts(rowid, name, description, file_name, tags_text, search_extra)
	VALUES (new.seq, new.name, new.description, new.file_name, new.tags_text, new.search_extra);
END;
