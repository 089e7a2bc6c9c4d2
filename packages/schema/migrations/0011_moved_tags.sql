-- A row that plain SQL moves to another tag or model counts for the new one, and both models have the tags that they have then.
CREATE TRIGGER `model_tags_update` AFTER UPDATE OF `tag_id`, `model_seq` ON `model_tags`
WHEN (old.tag_id, old.model_seq) IS NOT (new.tag_id, new.model_seq)
BEGIN
	UPDATE tags SET model_count = model_count - 1 WHERE id = old.tag_id;
	UPDATE tags SET model_count = model_count + 1 WHERE id = new.tag_id;
	UPDATE models SET tags_text = coalesce((
		SELECT group_concat(name, char(10)) FROM (
			SELECT t.name FROM model_tags mt JOIN tags t ON t.id = mt.tag_id
			WHERE mt.model_seq = models.seq ORDER BY t.key
		)
	), '')
	WHERE seq IN (old.model_seq, new.model_seq);
END;
