-- cc:down generated of=eae1a6942c993ae4
CREATE INDEX `idx_models_author` ON `models` (`author`,`created_at`) WHERE author is not null;
--> statement-breakpoint
CREATE INDEX `idx_models_license` ON `models` (`license`,`created_at`) WHERE license is not null;
--> statement-breakpoint
CREATE INDEX `idx_models_triangles` ON `models` (`triangles`) WHERE triangles is not null;
--> statement-breakpoint
CREATE INDEX `idx_models_file_size` ON `models` (`file_size`);
