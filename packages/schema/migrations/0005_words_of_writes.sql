-- The words of some models, told apart as `models_fts` does it: writers put texts in, add what `new_words_fts_words` says to
-- `search_terms`, and empty it again in the same transaction. It keeps no text and is empty in between.
CREATE VIRTUAL TABLE `new_words_fts` USING fts5(
	words,
	content = '', detail = none,
	tokenize = 'unicode61 remove_diacritics 2'
);
--> statement-breakpoint
CREATE VIRTUAL TABLE `new_words_fts_words` USING fts5vocab(new_words_fts, 'row');
--> statement-breakpoint
-- Models that are there already count as looked at: what `search_terms` lacks of them is in `changes`.
INSERT INTO search_state (name, value) SELECT 'seq', coalesce(max(seq), 0) FROM models;
--> statement-breakpoint
-- New models are those past `seq`; changed ones are written down.
CREATE TRIGGER `models_words_update` AFTER UPDATE OF `name`, `description`, `file_name`, `tags_text`, `search_extra`, `author` ON `models`
WHEN (old.name, old.description, old.file_name, old.tags_text, old.search_extra, old.author)
	IS NOT (new.name, new.description, new.file_name, new.tags_text, new.search_extra, new.author)
BEGIN
	INSERT INTO search_pending (seq) VALUES (new.seq) ON CONFLICT DO NOTHING;
END;
