-- When a model was last printed. The column of filter tokens is made anew, with the one of printed models: no row has it yet, so
-- the search index stays as it is. Both need no rebuild of the table, only that the triggers that name the column go first.
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
ALTER TABLE `models` ADD `printed_at` integer;
--> statement-breakpoint
CREATE INDEX `idx_models_printed_at` ON `models` (`printed_at`) WHERE printed_at is not null;
--> statement-breakpoint
ALTER TABLE `models` DROP COLUMN `facets`;
--> statement-breakpoint
ALTER TABLE `models` ADD `facets` text GENERATED ALWAYS AS (char(57344) || 'f' || format || coalesce(' ' || char(57344) || 'y' || strftime('%Y', created_at / 1000.0, 'unixepoch'), '') || coalesce(' ' || char(57344) || 'm' || strftime('%Y%m', created_at / 1000.0, 'unixepoch'), '') || ' ' || char(57344) || 's' || size_octave || coalesce(' ' || char(57344) || 't' || triangle_octave, '') || coalesce(' ' || char(57344) || 'l' || hex(substr(license, 1, 24)), '') || coalesce(' ' || char(57344) || 'a' || hex(substr(author, 1, 24)), '') || coalesce(' ' || char(57344) || 'r' || rating, '') || iif(status <> 'active', ' ' || char(57344) || 'x' || status, '') || iif(favorite = 1, ' ' || char(57344) || 'v', '') || iif(printed_at is not null, ' ' || char(57344) || 'p', '') || iif(parse_status = 'unparsed', ' ' || char(57344) || 'u', '')) VIRTUAL;
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
