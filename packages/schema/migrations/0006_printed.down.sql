-- cc:down generated of=80e1b5ae32648d46
PRAGMA foreign_keys=OFF;
--> statement-breakpoint
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
CREATE TABLE "__new_models" (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`description` text,
	`format` text NOT NULL,
	`file_name` text NOT NULL,
	`file_path` text NOT NULL,
	`file_hash` text NOT NULL,
	`file_size` integer NOT NULL,
	`file_modified_at` integer,
	`author` text,
	`license` text,
	`source_url` text,
	`parse_status` text DEFAULT 'pending' NOT NULL,
	`parse_error` text,
	`triangles` integer,
	`vertices` integer,
	`min_x` real,
	`min_y` real,
	`min_z` real,
	`max_x` real,
	`max_y` real,
	`max_z` real,
	`volume` real,
	`rating` integer,
	`favorite` integer DEFAULT false NOT NULL,
	`status` text DEFAULT 'active' NOT NULL,
	`tags_text` text DEFAULT '' NOT NULL,
	`search_extra` text DEFAULT '' NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`version` integer DEFAULT 1 NOT NULL, `size_octave` integer GENERATED ALWAYS AS ((file_size >= 1024) + (file_size >= 2048) + (file_size >= 4096) + (file_size >= 8192) + (file_size >= 16384) + (file_size >= 32768) + (file_size >= 65536) + (file_size >= 131072) + (file_size >= 262144) + (file_size >= 524288) + (file_size >= 1048576) + (file_size >= 2097152) + (file_size >= 4194304) + (file_size >= 8388608) + (file_size >= 16777216) + (file_size >= 33554432) + (file_size >= 67108864) + (file_size >= 134217728) + (file_size >= 268435456) + (file_size >= 536870912) + (file_size >= 1073741824) + (file_size >= 2147483648) + (file_size >= 4294967296)) VIRTUAL, `triangle_octave` integer GENERATED ALWAYS AS ((triangles >= 64) + (triangles >= 128) + (triangles >= 256) + (triangles >= 512) + (triangles >= 1024) + (triangles >= 2048) + (triangles >= 4096) + (triangles >= 8192) + (triangles >= 16384) + (triangles >= 32768) + (triangles >= 65536) + (triangles >= 131072) + (triangles >= 262144) + (triangles >= 524288) + (triangles >= 1048576) + (triangles >= 2097152) + (triangles >= 4194304) + (triangles >= 8388608) + (triangles >= 16777216)) VIRTUAL, `facets` text GENERATED ALWAYS AS (char(57344) || 'f' || format || coalesce(' ' || char(57344) || 'y' || strftime('%Y', created_at / 1000.0, 'unixepoch'), '') || coalesce(' ' || char(57344) || 'm' || strftime('%Y%m', created_at / 1000.0, 'unixepoch'), '') || ' ' || char(57344) || 's' || size_octave || coalesce(' ' || char(57344) || 't' || triangle_octave, '') || coalesce(' ' || char(57344) || 'l' || hex(substr(license, 1, 24)), '') || coalesce(' ' || char(57344) || 'a' || hex(substr(author, 1, 24)), '') || coalesce(' ' || char(57344) || 'r' || rating, '') || iif(status <> 'active', ' ' || char(57344) || 'x' || status, '') || iif(favorite = 1, ' ' || char(57344) || 'v', '') || iif(parse_status = 'unparsed', ' ' || char(57344) || 'u', '')) VIRTUAL, `name_key` text DEFAULT '' NOT NULL, `name_order` text GENERATED ALWAYS AS (iif(name_key = '', lower(name), name_key)) VIRTUAL,
	CONSTRAINT "models_file_size_check" CHECK("__new_models"."file_size" >= 0),
	CONSTRAINT "models_rating_check" CHECK("__new_models"."rating" is null or "__new_models"."rating" between 0 and 5),
	CONSTRAINT "models_parse_check" CHECK(("__new_models"."parse_status" = 'unparsed') = ("__new_models"."parse_error" is not null))
);
--> statement-breakpoint
INSERT INTO "__new_models" ("seq", "id", "name", "description", "format", "file_name", "file_path", "file_hash", "file_size", "file_modified_at", "author", "license", "source_url", "parse_status", "parse_error", "triangles", "vertices", "min_x", "min_y", "min_z", "max_x", "max_y", "max_z", "volume", "rating", "favorite", "status", "tags_text", "search_extra", "created_at", "updated_at", "version", "name_key") SELECT "seq", "id", "name", "description", "format", "file_name", "file_path", "file_hash", "file_size", "file_modified_at", "author", "license", "source_url", "parse_status", "parse_error", "triangles", "vertices", "min_x", "min_y", "min_z", "max_x", "max_y", "max_z", "volume", "rating", "favorite", "status", "tags_text", "search_extra", "created_at", "updated_at", "version", "name_key" FROM "models";
--> statement-breakpoint
DELETE FROM sqlite_sequence WHERE name = '__new_models';
--> statement-breakpoint
INSERT INTO sqlite_sequence (name, seq) SELECT '__new_models', seq FROM sqlite_sequence WHERE name = 'models';
--> statement-breakpoint
DROP TABLE "models";
--> statement-breakpoint
ALTER TABLE "__new_models" RENAME TO "models";
--> statement-breakpoint
CREATE UNIQUE INDEX `idx_models_id` ON `models` (`id`);
--> statement-breakpoint
CREATE UNIQUE INDEX `idx_models_file_path` ON `models` (`file_path`);
--> statement-breakpoint
CREATE INDEX `idx_models_file_hash` ON `models` (`file_hash`);
--> statement-breakpoint
CREATE INDEX `idx_models_format` ON `models` (`format`);
--> statement-breakpoint
CREATE INDEX `idx_models_created_at` ON `models` (`created_at`);
--> statement-breakpoint
CREATE INDEX `idx_models_name` ON `models` ("name" collate nocase);
--> statement-breakpoint
CREATE INDEX `idx_models_format_created` ON `models` (`format`,`created_at`);
--> statement-breakpoint
CREATE INDEX `idx_models_author` ON `models` (`author`,`created_at`) WHERE author is not null;
--> statement-breakpoint
CREATE INDEX `idx_models_license` ON `models` (`license`,`created_at`) WHERE license is not null;
--> statement-breakpoint
CREATE INDEX `idx_models_rating` ON `models` (`rating`,`created_at`) WHERE rating is not null;
--> statement-breakpoint
CREATE INDEX `idx_models_favorite` ON `models` (`created_at`) WHERE favorite = 1;
--> statement-breakpoint
CREATE INDEX `idx_models_status` ON `models` (`status`,`created_at`) WHERE status <> 'active';
--> statement-breakpoint
CREATE INDEX `idx_models_parse_status` ON `models` (`parse_status`,`created_at`) WHERE parse_status <> 'parsed';
--> statement-breakpoint
CREATE INDEX `idx_models_triangles` ON `models` (`triangles`) WHERE triangles is not null;
--> statement-breakpoint
CREATE INDEX `idx_models_file_size` ON `models` (`file_size`);
--> statement-breakpoint
CREATE INDEX `idx_models_name_order` ON `models` (`name_order`);
--> statement-breakpoint
INSERT INTO "models_fts" ("models_fts") VALUES ('rebuild');
--> statement-breakpoint
-- Nobody counts the token any more.
DELETE FROM model_counts WHERE kind = 'token' AND value = 'p';
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
PRAGMA foreign_keys=ON;
