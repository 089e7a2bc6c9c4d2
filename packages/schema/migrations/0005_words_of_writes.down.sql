-- Everything it made follows from the models; `search_terms` stays as it is.
-- cc:loss search_pending, search_state
DROP TRIGGER `models_words_update`;
--> statement-breakpoint
DELETE FROM search_pending;
--> statement-breakpoint
DELETE FROM search_state WHERE name = 'seq';
--> statement-breakpoint
DROP TABLE `new_words_fts_words`;
--> statement-breakpoint
DROP TABLE `new_words_fts`;
