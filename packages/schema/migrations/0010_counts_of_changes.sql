-- An update counts what it changes and nothing else, and the tokens of a model are put together only when one of the values that
-- they are made of has changed: a size or a number of triangles that stays within its octave has none. Models whose number
-- changes are counted anew, by a trigger of their own.
DROP TRIGGER `models_fts_update`;
--> statement-breakpoint
DROP TRIGGER `models_count_update`;
--> statement-breakpoint
CREATE TRIGGER `models_count_update` AFTER UPDATE OF `format`, `license`, `created_at`, `file_size`, `triangles`, `rating`,
	`status`, `favorite`, `parse_status`, `printed_at` ON `models`
WHEN old.seq = new.seq AND (
	(old.format, old.license, old.created_at, old.rating, old.status, old.favorite, old.parse_status, old.printed_at IS NULL)
		IS NOT (new.format, new.license, new.created_at, new.rating, new.status, new.favorite, new.parse_status, new.printed_at IS NULL)
	OR (old.file_size, old.triangles) IS NOT (new.file_size, new.triangles)
		AND (old.size_octave, old.triangle_octave) IS NOT (new.size_octave, new.triangle_octave)
) AND new.seq <= (SELECT value FROM search_state WHERE name = 'counted')
BEGIN
	INSERT INTO model_counts (kind, value, models)
	SELECT kind, value, step FROM (
		SELECT 'format' AS kind, old.format AS value, -1 AS step WHERE old.format <> new.format
		UNION ALL SELECT 'format', new.format, 1 WHERE old.format <> new.format
		UNION ALL SELECT 'license', old.license, -1 WHERE old.license IS NOT new.license
		UNION ALL SELECT 'license', new.license, 1 WHERE old.license IS NOT new.license
		UNION ALL SELECT 'year', strftime('%Y', old.created_at / 1000.0, 'unixepoch'), -1 WHERE old.created_at <> new.created_at
		UNION ALL SELECT 'year', strftime('%Y', new.created_at / 1000.0, 'unixepoch'), 1 WHERE old.created_at <> new.created_at
		UNION ALL SELECT 'token', 's' || old.size_octave, -1 WHERE old.file_size <> new.file_size
		UNION ALL SELECT 'token', 's' || new.size_octave, 1 WHERE old.file_size <> new.file_size
		UNION ALL SELECT 'token', 't' || old.triangle_octave, -1 WHERE old.triangles IS NOT new.triangles
		UNION ALL SELECT 'token', 't' || new.triangle_octave, 1 WHERE old.triangles IS NOT new.triangles
		UNION ALL SELECT 'token', 'r' || old.rating, -1 WHERE old.rating IS NOT new.rating
		UNION ALL SELECT 'token', 'r' || new.rating, 1 WHERE old.rating IS NOT new.rating
		UNION ALL SELECT 'token', 'x' || old.status, -1 WHERE old.status <> new.status AND old.status <> 'active'
		UNION ALL SELECT 'token', 'x' || new.status, 1 WHERE old.status <> new.status AND new.status <> 'active'
		UNION ALL SELECT 'token', 'v', (new.favorite = 1) - (old.favorite = 1) WHERE old.favorite <> new.favorite
		UNION ALL SELECT 'token', 'u', (new.parse_status = 'unparsed') - (old.parse_status = 'unparsed') WHERE old.parse_status <> new.parse_status
		UNION ALL SELECT 'token', 'p', (new.printed_at IS NOT NULL) - (old.printed_at IS NOT NULL)
			WHERE (old.printed_at IS NULL) <> (new.printed_at IS NULL)
	) WHERE value IS NOT NULL AND step <> 0
	ON CONFLICT (kind, value) DO UPDATE SET models = models + excluded.models;
END;
--> statement-breakpoint
CREATE TRIGGER `models_count_move` AFTER UPDATE OF `seq` ON `models` WHEN old.seq <> new.seq
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
CREATE TRIGGER `models_fts_update` AFTER UPDATE OF `seq`, `name`, `description`, `file_name`, `tags_text`, `search_extra`, `format`, `author`, `license`, `created_at`,
	`file_size`, `triangles`, `rating`, `status`, `favorite`, `parse_status`, `printed_at` ON `models`
WHEN (old.seq, old.name, old.description, old.file_name, old.tags_text, old.search_extra, old.author)
	IS NOT (new.seq, new.name, new.description, new.file_name, new.tags_text, new.search_extra, new.author)
	OR (
		(old.format, old.license, old.created_at, old.rating, old.status, old.favorite, old.parse_status, old.printed_at IS NULL)
		IS NOT (new.format, new.license, new.created_at, new.rating, new.status, new.favorite, new.parse_status, new.printed_at IS NULL)
		OR (old.file_size, old.triangles) IS NOT (new.file_size, new.triangles)
		AND (old.size_octave, old.triangle_octave) IS NOT (new.size_octave, new.triangle_octave)
	) AND old.facets IS NOT new.facets
BEGIN
	INSERT INTO models_fts(models_fts, rowid, name, description, file_name, tags_text, search_extra, author, facets)
	VALUES ('delete', old.seq, old.name, old.description, old.file_name, old.tags_text, old.search_extra, old.author, old.facets);
	INSERT INTO models_fts(rowid, name, description, file_name, tags_text, search_extra, author, facets)
	VALUES (new.seq, new.name, new.description, new.file_name, new.tags_text, new.search_extra, new.author, new.facets);
	UPDATE search_state SET value = value + 1 + (old.seq > (SELECT value FROM search_state WHERE name = 'counted')) - (new.seq > (SELECT value FROM search_state WHERE name = 'counted'))
		WHERE name = 'changes';
END;
