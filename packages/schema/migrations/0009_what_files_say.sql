ALTER TABLE `models` ADD `file_stamp` text;
--> statement-breakpoint
ALTER TABLE `models` ADD `unit` text;
