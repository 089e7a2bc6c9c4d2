-- cc:down generated of=26da64e0499a57ed
DROP TRIGGER "model_tags_insert";
--> statement-breakpoint
DROP TRIGGER "model_tags_delete";
--> statement-breakpoint
DROP TRIGGER "tags_rename";
--> statement-breakpoint
DROP TRIGGER "models_duplicate_insert";
--> statement-breakpoint
DROP TRIGGER "models_duplicate_delete";
--> statement-breakpoint
DROP TRIGGER "models_duplicate_update";
--> statement-breakpoint
DROP TRIGGER "model_metadata_count_insert";
--> statement-breakpoint
DROP TRIGGER "model_metadata_count_delete";
--> statement-breakpoint
DROP TRIGGER "model_metadata_count_update";
--> statement-breakpoint
DROP TRIGGER "models_words_update";
--> statement-breakpoint
DROP TRIGGER "models_count_insert";
--> statement-breakpoint
DROP TRIGGER "models_count_delete";
--> statement-breakpoint
DROP TRIGGER "models_count_update";
--> statement-breakpoint
DROP TRIGGER "models_fts_insert";
--> statement-breakpoint
DROP TRIGGER "models_fts_delete";
--> statement-breakpoint
DROP TRIGGER "models_fts_update";
--> statement-breakpoint
ALTER TABLE "models" DROP COLUMN "file_stamp";
--> statement-breakpoint
ALTER TABLE "models" DROP COLUMN "unit";
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
--> statement-breakpoint
CREATE TRIGGER `models_duplicate_insert` AFTER INSERT ON `models`
WHEN EXISTS (SELECT 1 FROM models WHERE file_hash = new.file_hash AND seq <> new.seq)
BEGIN
	INSERT INTO duplicate_hashes (file_hash, models) VALUES (new.file_hash, 2)
	ON CONFLICT (file_hash) DO UPDATE SET models = models + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `models_duplicate_delete` AFTER DELETE ON `models` BEGIN
	UPDATE duplicate_hashes SET models = models - 1 WHERE file_hash = old.file_hash;
	DELETE FROM duplicate_hashes WHERE file_hash = old.file_hash AND models < 2;
END;
--> statement-breakpoint
CREATE TRIGGER `models_duplicate_update` AFTER UPDATE OF `file_hash` ON `models` WHEN old.file_hash IS NOT new.file_hash
BEGIN
	UPDATE duplicate_hashes SET models = models - 1 WHERE file_hash = old.file_hash;
	DELETE FROM duplicate_hashes WHERE file_hash = old.file_hash AND models < 2;
	INSERT INTO duplicate_hashes (file_hash, models)
	SELECT new.file_hash, 2 WHERE EXISTS (SELECT 1 FROM models WHERE file_hash = new.file_hash AND seq <> new.seq)
	ON CONFLICT (file_hash) DO UPDATE SET models = models + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `model_metadata_count_insert` AFTER INSERT ON `model_metadata` BEGIN
	INSERT INTO model_counts (kind, value, models) VALUES ('key', new.metadata_key, 1)
	ON CONFLICT (kind, value) DO UPDATE SET models = models + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `model_metadata_count_delete` AFTER DELETE ON `model_metadata` BEGIN
	UPDATE model_counts SET models = models - 1 WHERE kind = 'key' AND value = old.metadata_key;
END;
--> statement-breakpoint
CREATE TRIGGER `model_metadata_count_update` AFTER UPDATE OF `metadata_key` ON `model_metadata`
WHEN old.metadata_key IS NOT new.metadata_key
BEGIN
	UPDATE model_counts SET models = models - 1 WHERE kind = 'key' AND value = old.metadata_key;
	INSERT INTO model_counts (kind, value, models) VALUES ('key', new.metadata_key, 1)
	ON CONFLICT (kind, value) DO UPDATE SET models = models + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `models_words_update` AFTER UPDATE OF `name`, `description`, `file_name`, `tags_text`, `search_extra`, `author` ON `models`
WHEN (old.name, old.description, old.file_name, old.tags_text, old.search_extra, old.author)
	IS NOT (new.name, new.description, new.file_name, new.tags_text, new.search_extra, new.author)
BEGIN
	INSERT INTO search_pending (seq) VALUES (new.seq) ON CONFLICT DO NOTHING;
END;
--> statement-breakpoint
CREATE TRIGGER `models_count_insert` AFTER INSERT ON `models`
WHEN (SELECT new.seq - value FROM search_state WHERE name = 'counted') NOT BETWEEN 1 AND 31
BEGIN
	INSERT INTO model_counts (kind, value, models)
	SELECT kind, value, 1 FROM (
		SELECT 'format' AS kind, new.format AS value
		UNION ALL SELECT 'license', new.license WHERE new.license IS NOT NULL
		UNION ALL SELECT 'year', strftime('%Y', new.created_at / 1000.0, 'unixepoch')
			WHERE strftime('%Y', new.created_at / 1000.0, 'unixepoch') IS NOT NULL
		UNION ALL SELECT 'token', 's' || new.size_octave
		UNION ALL SELECT 'token', 't' || new.triangle_octave WHERE new.triangles IS NOT NULL
		UNION ALL SELECT 'token', 'r' || new.rating WHERE new.rating IS NOT NULL
		UNION ALL SELECT 'token', 'x' || new.status WHERE new.status <> 'active'
		UNION ALL SELECT 'token', 'v' WHERE new.favorite = 1
		UNION ALL SELECT 'token', 'u' WHERE new.parse_status = 'unparsed'
		UNION ALL SELECT 'token', 'p' WHERE new.printed_at IS NOT NULL
	) WHERE new.seq <= (SELECT value FROM search_state WHERE name = 'counted')
	ON CONFLICT (kind, value) DO UPDATE SET models = models + 1;
	INSERT INTO model_counts (kind, value, models)
	SELECT kind, value, models FROM (
		SELECT 'format' AS kind, format AS value, count(*) AS models FROM models NOT INDEXED WHERE seq > (SELECT value FROM search_state WHERE name = 'counted') GROUP BY 2
		UNION ALL SELECT 'license', license, count(*) FROM models NOT INDEXED
			WHERE seq > (SELECT value FROM search_state WHERE name = 'counted') AND license IS NOT NULL GROUP BY 2
		UNION ALL SELECT 'year', strftime('%Y', created_at / 1000.0, 'unixepoch'), count(*) FROM models NOT INDEXED
			WHERE seq > (SELECT value FROM search_state WHERE name = 'counted')
				AND strftime('%Y', created_at / 1000.0, 'unixepoch') IS NOT NULL GROUP BY 2
		UNION ALL SELECT 'token', 's' || size_octave, count(*) FROM models NOT INDEXED
			WHERE seq > (SELECT value FROM search_state WHERE name = 'counted') GROUP BY 2
		UNION ALL SELECT 'token', 't' || triangle_octave, count(*) FROM models NOT INDEXED
			WHERE seq > (SELECT value FROM search_state WHERE name = 'counted') AND triangles IS NOT NULL GROUP BY 2
		UNION ALL SELECT 'token', 'r' || rating, count(*) FROM models NOT INDEXED
			WHERE seq > (SELECT value FROM search_state WHERE name = 'counted') AND rating IS NOT NULL GROUP BY 2
		UNION ALL SELECT 'token', 'x' || status, count(*) FROM models NOT INDEXED
			WHERE seq > (SELECT value FROM search_state WHERE name = 'counted') AND status <> 'active' GROUP BY 2
		UNION ALL SELECT 'token', 'v', count(*) FROM models NOT INDEXED WHERE seq > (SELECT value FROM search_state WHERE name = 'counted') AND favorite = 1 GROUP BY 2
		UNION ALL SELECT 'token', 'u', count(*) FROM models NOT INDEXED
			WHERE seq > (SELECT value FROM search_state WHERE name = 'counted') AND parse_status = 'unparsed' GROUP BY 2
		UNION ALL SELECT 'token', 'p', count(*) FROM models NOT INDEXED
			WHERE seq > (SELECT value FROM search_state WHERE name = 'counted') AND printed_at IS NOT NULL GROUP BY 2
	) WHERE new.seq > (SELECT value FROM search_state WHERE name = 'counted')
	ON CONFLICT (kind, value) DO UPDATE SET models = models + excluded.models;
	UPDATE search_state SET value = value + iif(new.seq <= (SELECT value FROM search_state WHERE name = 'counted'), 1, (SELECT count(*) FROM models NOT INDEXED WHERE seq > (SELECT value FROM search_state WHERE name = 'counted')))
		WHERE name = 'changes';
	UPDATE search_state SET value = (SELECT max(seq) FROM models) WHERE name = 'counted' AND value < new.seq;
END;
--> statement-breakpoint
CREATE TRIGGER `models_count_delete` AFTER DELETE ON `models` WHEN old.seq <= (SELECT value FROM search_state WHERE name = 'counted') BEGIN
	UPDATE model_counts SET models = models - 1 WHERE (kind, value) IN (VALUES ('format', old.format),
		('license', old.license), ('year', strftime('%Y', old.created_at / 1000.0, 'unixepoch')),
		('token', 's' || old.size_octave), ('token', 't' || old.triangle_octave), ('token', 'r' || old.rating),
		('token', iif(old.status <> 'active', 'x' || old.status, NULL)), ('token', iif(old.favorite = 1, 'v', NULL)),
		('token', iif(old.parse_status = 'unparsed', 'u', NULL)),
		('token', iif(old.printed_at IS NOT NULL, 'p', NULL)));
END;
--> statement-breakpoint
CREATE TRIGGER `models_count_update` AFTER UPDATE OF `seq`, `format`, `license`, `created_at`, `file_size`, `triangles`, `rating`,
	`status`, `favorite`, `parse_status`, `printed_at` ON `models`
WHEN (old.seq, old.format, old.license, old.created_at, old.file_size, old.triangles, old.rating, old.status, old.favorite, old.parse_status, old.printed_at IS NULL)
	IS NOT (new.seq, new.format, new.license, new.created_at, new.file_size, new.triangles, new.rating, new.status, new.favorite, new.parse_status, new.printed_at IS NULL)
BEGIN
	UPDATE model_counts SET models = models - 1 WHERE (kind, value) IN (VALUES ('format', old.format),
		('license', old.license), ('year', strftime('%Y', old.created_at / 1000.0, 'unixepoch')),
		('token', 's' || old.size_octave), ('token', 't' || old.triangle_octave), ('token', 'r' || old.rating),
		('token', iif(old.status <> 'active', 'x' || old.status, NULL)), ('token', iif(old.favorite = 1, 'v', NULL)),
		('token', iif(old.parse_status = 'unparsed', 'u', NULL)),
		('token', iif(old.printed_at IS NOT NULL, 'p', NULL)))
		AND old.seq <= (SELECT value FROM search_state WHERE name = 'counted');
	INSERT INTO model_counts (kind, value, models)
	SELECT kind, value, 1 FROM (
		SELECT 'format' AS kind, new.format AS value
		UNION ALL SELECT 'license', new.license WHERE new.license IS NOT NULL
		UNION ALL SELECT 'year', strftime('%Y', new.created_at / 1000.0, 'unixepoch')
			WHERE strftime('%Y', new.created_at / 1000.0, 'unixepoch') IS NOT NULL
		UNION ALL SELECT 'token', 's' || new.size_octave
		UNION ALL SELECT 'token', 't' || new.triangle_octave WHERE new.triangles IS NOT NULL
		UNION ALL SELECT 'token', 'r' || new.rating WHERE new.rating IS NOT NULL
		UNION ALL SELECT 'token', 'x' || new.status WHERE new.status <> 'active'
		UNION ALL SELECT 'token', 'v' WHERE new.favorite = 1
		UNION ALL SELECT 'token', 'u' WHERE new.parse_status = 'unparsed'
		UNION ALL SELECT 'token', 'p' WHERE new.printed_at IS NOT NULL
	) WHERE new.seq <= (SELECT value FROM search_state WHERE name = 'counted')
	ON CONFLICT (kind, value) DO UPDATE SET models = models + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `models_fts_insert` AFTER INSERT ON `models` BEGIN
	INSERT INTO models_fts(rowid, name, description, file_name, tags_text, search_extra, author, facets)
	VALUES (new.seq, new.name, new.description, new.file_name, new.tags_text, new.search_extra, new.author, new.facets);
END;
--> statement-breakpoint
CREATE TRIGGER `models_fts_delete` AFTER DELETE ON `models` BEGIN
	INSERT INTO models_fts(models_fts, rowid, name, description, file_name, tags_text, search_extra, author, facets)
	VALUES ('delete', old.seq, old.name, old.description, old.file_name, old.tags_text, old.search_extra, old.author, old.facets);
	UPDATE search_state SET value = value + 1 + (old.seq > (SELECT value FROM search_state WHERE name = 'counted')) WHERE name = 'changes';
END;
--> statement-breakpoint
CREATE TRIGGER `models_fts_update` AFTER UPDATE OF `seq`, `name`, `description`, `file_name`, `tags_text`, `search_extra`, `format`, `author`, `license`, `created_at`,
	`file_size`, `triangles`, `rating`, `status`, `favorite`, `parse_status`, `printed_at` ON `models`
WHEN (old.seq, old.name, old.description, old.file_name, old.tags_text, old.search_extra, old.author, old.facets)
	IS NOT (new.seq, new.name, new.description, new.file_name, new.tags_text, new.search_extra, new.author, new.facets)
BEGIN
	INSERT INTO models_fts(models_fts, rowid, name, description, file_name, tags_text, search_extra, author, facets)
	VALUES ('delete', old.seq, old.name, old.description, old.file_name, old.tags_text, old.search_extra, old.author, old.facets);
	INSERT INTO models_fts(rowid, name, description, file_name, tags_text, search_extra, author, facets)
	VALUES (new.seq, new.name, new.description, new.file_name, new.tags_text, new.search_extra, new.author, new.facets);
	UPDATE search_state SET value = value + 1 + (old.seq > (SELECT value FROM search_state WHERE name = 'counted')) - (new.seq > (SELECT value FROM search_state WHERE name = 'counted'))
		WHERE name = 'changes';
END;
