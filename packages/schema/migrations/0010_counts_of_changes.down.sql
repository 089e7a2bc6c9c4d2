-- cc:down generated of=9a02817d6bee4705
DROP TRIGGER "models_count_update";
--> statement-breakpoint
DROP TRIGGER "models_count_move";
--> statement-breakpoint
DROP TRIGGER "models_fts_update";
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
