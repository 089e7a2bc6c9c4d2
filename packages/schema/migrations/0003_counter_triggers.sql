-- The search index again, with the author and the column of filter tokens. The triggers go first: without the index they would fail.
DROP TRIGGER `models_fts_update`;
--> statement-breakpoint
DROP TRIGGER `models_fts_delete`;
--> statement-breakpoint
DROP TRIGGER `models_fts_insert`;
--> statement-breakpoint
DROP TABLE `models_fts`;
--> statement-breakpoint
CREATE VIRTUAL TABLE `models_fts` USING fts5(
	name, description, file_name, tags_text, search_extra, author, facets,
	content = 'models', content_rowid = 'seq',
	tokenize = 'unicode61 remove_diacritics 2'
);
--> statement-breakpoint
INSERT INTO models_fts(models_fts) VALUES ('rebuild');
--> statement-breakpoint
CREATE TRIGGER `models_fts_insert` AFTER INSERT ON `models` BEGIN
	INSERT INTO models_fts(rowid, name, description, file_name, tags_text, search_extra, author, facets)
	VALUES (new.seq, new.name, new.description, new.file_name, new.tags_text, new.search_extra, new.author, new.facets);
	UPDATE search_state SET value = value + 1 WHERE name = 'changes';
END;
--> statement-breakpoint
CREATE TRIGGER `models_fts_delete` AFTER DELETE ON `models` BEGIN
	INSERT INTO models_fts(models_fts, rowid, name, description, file_name, tags_text, search_extra, author, facets)
	VALUES ('delete', old.seq, old.name, old.description, old.file_name, old.tags_text, old.search_extra, old.author, old.facets);
	UPDATE search_state SET value = value + 1 WHERE name = 'changes';
END;
--> statement-breakpoint
CREATE TRIGGER `models_fts_update` AFTER UPDATE OF `seq`, `name`, `description`, `file_name`, `tags_text`, `search_extra`, `format`, `author`, `license`, `created_at`,
	`file_size`, `triangles`, `rating`, `status`, `favorite`, `parse_status` ON `models`
WHEN (old.seq, old.name, old.description, old.file_name, old.tags_text, old.search_extra, old.author, old.facets)
	IS NOT (new.seq, new.name, new.description, new.file_name, new.tags_text, new.search_extra, new.author, new.facets)
BEGIN
	INSERT INTO models_fts(models_fts, rowid, name, description, file_name, tags_text, search_extra, author, facets)
	VALUES ('delete', old.seq, old.name, old.description, old.file_name, old.tags_text, old.search_extra, old.author, old.facets);
	INSERT INTO models_fts(rowid, name, description, file_name, tags_text, search_extra, author, facets)
	VALUES (new.seq, new.name, new.description, new.file_name, new.tags_text, new.search_extra, new.author, new.facets);
	UPDATE search_state SET value = value + 1 WHERE name = 'changes';
END;
--> statement-breakpoint
-- The words of the index with the number of their models: SELECT term, doc FROM models_fts_words WHERE term = …
CREATE VIRTUAL TABLE `models_fts_words` USING fts5vocab(models_fts, 'row');
--> statement-breakpoint
-- Two derived tables, empty until the search repository fills them, again as one b-tree each: all reads are of ranges of it.
DROP TABLE `search_terms`;
--> statement-breakpoint
CREATE TABLE `search_terms` (`term` text PRIMARY KEY NOT NULL, `models` integer NOT NULL) WITHOUT ROWID;
--> statement-breakpoint
DROP TABLE `search_deletes`;
--> statement-breakpoint
CREATE TABLE `search_deletes` (
	`del` text NOT NULL,
	`term` text NOT NULL,
	PRIMARY KEY(`del`, `term`)
) WITHOUT ROWID;
--> statement-breakpoint
-- A library with models is one change ahead of its empty words.
INSERT INTO search_state (name, value) SELECT 'changes', EXISTS (SELECT 1 FROM models);
--> statement-breakpoint
INSERT INTO search_state (name, value) VALUES ('words', 0);
--> statement-breakpoint
-- The counters are filled from the rows that are there; from here on the triggers keep them.
INSERT INTO model_counts (kind, value, models)
	SELECT 'format', format, count(*) FROM models GROUP BY format
	UNION ALL SELECT 'license', license, count(*) FROM models WHERE license IS NOT NULL GROUP BY license
	UNION ALL SELECT 'year', y, count(*) FROM (SELECT strftime('%Y', created_at / 1000.0, 'unixepoch') AS y FROM models)
		WHERE y IS NOT NULL GROUP BY y
	UNION ALL SELECT 'token', 's' || size_octave, count(*) FROM models GROUP BY size_octave
	UNION ALL SELECT 'token', 't' || triangle_octave, count(*) FROM models WHERE triangles IS NOT NULL GROUP BY triangle_octave
	UNION ALL SELECT 'token', 'r' || rating, count(*) FROM models WHERE rating IS NOT NULL GROUP BY rating
	UNION ALL SELECT 'token', 'x' || status, count(*) FROM models WHERE status <> 'active' GROUP BY status
	UNION ALL SELECT 'token', 'v', count(*) FROM models WHERE favorite = 1 GROUP BY favorite
	UNION ALL SELECT 'token', 'u', count(*) FROM models WHERE parse_status = 'unparsed' GROUP BY parse_status
	UNION ALL SELECT 'key', metadata_key, count(*) FROM model_metadata GROUP BY metadata_key;
--> statement-breakpoint
INSERT INTO duplicate_hashes (file_hash, models)
	SELECT file_hash, count(*) FROM models GROUP BY file_hash HAVING count(*) > 1;
--> statement-breakpoint
CREATE TRIGGER `models_count_insert` AFTER INSERT ON `models` BEGIN
	INSERT INTO model_counts (kind, value, models)
	SELECT 'format', new.format, 1
	UNION ALL SELECT 'license', new.license, 1 WHERE new.license IS NOT NULL
	UNION ALL SELECT 'year', strftime('%Y', new.created_at / 1000.0, 'unixepoch'), 1
		WHERE strftime('%Y', new.created_at / 1000.0, 'unixepoch') IS NOT NULL
	UNION ALL SELECT 'token', 's' || new.size_octave, 1
	UNION ALL SELECT 'token', 't' || new.triangle_octave, 1 WHERE new.triangles IS NOT NULL
	UNION ALL SELECT 'token', 'r' || new.rating, 1 WHERE new.rating IS NOT NULL
	UNION ALL SELECT 'token', 'x' || new.status, 1 WHERE new.status <> 'active'
	UNION ALL SELECT 'token', 'v', 1 WHERE new.favorite = 1
	UNION ALL SELECT 'token', 'u', 1 WHERE new.parse_status = 'unparsed'
	ON CONFLICT (kind, value) DO UPDATE SET models = models + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `models_count_delete` AFTER DELETE ON `models` BEGIN
	UPDATE model_counts SET models = models - 1 WHERE (kind, value) IN (VALUES ('format', old.format),
		('license', old.license), ('year', strftime('%Y', old.created_at / 1000.0, 'unixepoch')),
		('token', 's' || old.size_octave), ('token', 't' || old.triangle_octave), ('token', 'r' || old.rating),
		('token', iif(old.status <> 'active', 'x' || old.status, NULL)), ('token', iif(old.favorite = 1, 'v', NULL)),
		('token', iif(old.parse_status = 'unparsed', 'u', NULL)));
END;
--> statement-breakpoint
CREATE TRIGGER `models_count_update` AFTER UPDATE OF `format`, `license`, `created_at`, `file_size`, `triangles`, `rating`,
	`status`, `favorite`, `parse_status` ON `models`
WHEN (old.format, old.license, old.created_at, old.file_size, old.triangles, old.rating, old.status, old.favorite, old.parse_status)
	IS NOT (new.format, new.license, new.created_at, new.file_size, new.triangles, new.rating, new.status, new.favorite, new.parse_status)
BEGIN
	UPDATE model_counts SET models = models - 1 WHERE (kind, value) IN (VALUES ('format', old.format),
		('license', old.license), ('year', strftime('%Y', old.created_at / 1000.0, 'unixepoch')),
		('token', 's' || old.size_octave), ('token', 't' || old.triangle_octave), ('token', 'r' || old.rating),
		('token', iif(old.status <> 'active', 'x' || old.status, NULL)), ('token', iif(old.favorite = 1, 'v', NULL)),
		('token', iif(old.parse_status = 'unparsed', 'u', NULL)));
	INSERT INTO model_counts (kind, value, models)
	SELECT 'format', new.format, 1
	UNION ALL SELECT 'license', new.license, 1 WHERE new.license IS NOT NULL
	UNION ALL SELECT 'year', strftime('%Y', new.created_at / 1000.0, 'unixepoch'), 1
		WHERE strftime('%Y', new.created_at / 1000.0, 'unixepoch') IS NOT NULL
	UNION ALL SELECT 'token', 's' || new.size_octave, 1
	UNION ALL SELECT 'token', 't' || new.triangle_octave, 1 WHERE new.triangles IS NOT NULL
	UNION ALL SELECT 'token', 'r' || new.rating, 1 WHERE new.rating IS NOT NULL
	UNION ALL SELECT 'token', 'x' || new.status, 1 WHERE new.status <> 'active'
	UNION ALL SELECT 'token', 'v', 1 WHERE new.favorite = 1
	UNION ALL SELECT 'token', 'u', 1 WHERE new.parse_status = 'unparsed'
	ON CONFLICT (kind, value) DO UPDATE SET models = models + 1;
END;
--> statement-breakpoint
-- A hash comes in with its second model, and goes with the last but one.
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
