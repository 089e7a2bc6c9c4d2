DROP INDEX `idx_models_author`;
--> statement-breakpoint
DROP INDEX `idx_models_license`;
--> statement-breakpoint
DROP INDEX `idx_models_triangles`;
--> statement-breakpoint
DROP INDEX `idx_models_file_size`;
