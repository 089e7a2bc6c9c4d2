-- Counts what is not counted yet, and goes back to counting one by one. Both tables follow from the models.
-- cc:loss model_counts.models, search_state, search_state.value
DROP TRIGGER `models_fts_update`;
--> statement-breakpoint
DROP TRIGGER `models_fts_delete`;
--> statement-breakpoint
DROP TRIGGER `models_fts_insert`;
--> statement-breakpoint
DROP TRIGGER `models_count_update`;
--> statement-breakpoint
DROP TRIGGER `models_count_delete`;
--> statement-breakpoint
DROP TRIGGER `models_count_insert`;
--> statement-breakpoint
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
	) WHERE true
	ON CONFLICT (kind, value) DO UPDATE SET models = models + excluded.models;
--> statement-breakpoint
UPDATE search_state SET value = value + (SELECT count(*) FROM models NOT INDEXED WHERE seq > (SELECT value FROM search_state WHERE name = 'counted')) WHERE name = 'changes';
--> statement-breakpoint
DELETE FROM search_state WHERE name = 'counted';
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
	`file_size`, `triangles`, `rating`, `status`, `favorite`, `parse_status`, `printed_at` ON `models`
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
	UNION ALL SELECT 'token', 'p', 1 WHERE new.printed_at IS NOT NULL
	ON CONFLICT (kind, value) DO UPDATE SET models = models + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `models_count_delete` AFTER DELETE ON `models` BEGIN
	UPDATE model_counts SET models = models - 1 WHERE (kind, value) IN (VALUES ('format', old.format),
		('license', old.license), ('year', strftime('%Y', old.created_at / 1000.0, 'unixepoch')),
		('token', 's' || old.size_octave), ('token', 't' || old.triangle_octave), ('token', 'r' || old.rating),
		('token', iif(old.status <> 'active', 'x' || old.status, NULL)), ('token', iif(old.favorite = 1, 'v', NULL)),
		('token', iif(old.parse_status = 'unparsed', 'u', NULL)),
		('token', iif(old.printed_at IS NOT NULL, 'p', NULL)));
END;
--> statement-breakpoint
CREATE TRIGGER `models_count_update` AFTER UPDATE OF `format`, `license`, `created_at`, `file_size`, `triangles`, `rating`,
	`status`, `favorite`, `parse_status`, `printed_at` ON `models`
WHEN (old.format, old.license, old.created_at, old.file_size, old.triangles, old.rating, old.status, old.favorite, old.parse_status, old.printed_at IS NULL)
	IS NOT (new.format, new.license, new.created_at, new.file_size, new.triangles, new.rating, new.status, new.favorite, new.parse_status, new.printed_at IS NULL)
BEGIN
	UPDATE model_counts SET models = models - 1 WHERE (kind, value) IN (VALUES ('format', old.format),
		('license', old.license), ('year', strftime('%Y', old.created_at / 1000.0, 'unixepoch')),
		('token', 's' || old.size_octave), ('token', 't' || old.triangle_octave), ('token', 'r' || old.rating),
		('token', iif(old.status <> 'active', 'x' || old.status, NULL)), ('token', iif(old.favorite = 1, 'v', NULL)),
		('token', iif(old.parse_status = 'unparsed', 'u', NULL)),
		('token', iif(old.printed_at IS NOT NULL, 'p', NULL)));
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
	UNION ALL SELECT 'token', 'p', 1 WHERE new.printed_at IS NOT NULL
	ON CONFLICT (kind, value) DO UPDATE SET models = models + 1;
END;
