-- Rows that were there before (a second `up` after a `down`) get their counters, tag texts and index entries first:
-- a trigger would take words out of an index that does not hold them yet, which corrupts it.
-- Both columns follow from other tables: whatever they held, it is worked out anew.
-- cc:loss models.tags_text, tags.model_count
UPDATE tags SET model_count = (SELECT count(*) FROM model_tags WHERE tag_id = tags.id);
--> statement-breakpoint
UPDATE models SET tags_text = coalesce((
	SELECT group_concat(name, char(10)) FROM (
		SELECT t.name FROM model_tags mt JOIN tags t ON t.id = mt.tag_id
		WHERE mt.model_seq = models.seq ORDER BY t.key
	)
), '');
--> statement-breakpoint
-- Full-text search over models. External content: the text lives in `models` only, the triggers below keep the index.
-- Tags reach the index through models.tags_text, so that cascades and raw SQL writers keep it true as well.
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
--> statement-breakpoint
CREATE TRIGGER `model_tags_insert` AFTER INSERT ON `model_tags` BEGIN
	UPDATE tags SET model_count = model_count + 1 WHERE id = new.tag_id;
	-- Writers that set tags_text together with the model (bulk imports) pay nothing here.
	UPDATE models SET tags_text = CASE tags_text WHEN '' THEN t.name ELSE tags_text || char(10) || t.name END
	FROM tags t
	WHERE models.seq = new.model_seq AND t.id = new.tag_id
		AND instr(char(10) || models.tags_text || char(10), char(10) || t.name || char(10)) = 0;
END;
--> statement-breakpoint
CREATE TRIGGER `model_tags_delete` AFTER DELETE ON `model_tags` BEGIN
	UPDATE tags SET model_count = model_count - 1 WHERE id = old.tag_id;
	UPDATE models SET tags_text = coalesce((
		SELECT group_concat(name, char(10)) FROM (
			SELECT t.name FROM model_tags mt JOIN tags t ON t.id = mt.tag_id
			WHERE mt.model_seq = old.model_seq ORDER BY t.key
		)
	), '')
	WHERE seq = old.model_seq;
END;
--> statement-breakpoint
CREATE TRIGGER `tags_rename` AFTER UPDATE OF `name` ON `tags` WHEN old.name IS NOT new.name BEGIN
	UPDATE models SET tags_text = (
		SELECT group_concat(name, char(10)) FROM (
			SELECT t.name FROM model_tags mt JOIN tags t ON t.id = mt.tag_id
			WHERE mt.model_seq = models.seq ORDER BY t.key
		)
	)
	WHERE seq IN (SELECT model_seq FROM model_tags WHERE tag_id = new.id);
END;
