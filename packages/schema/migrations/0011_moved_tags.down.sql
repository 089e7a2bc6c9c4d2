-- cc:down generated of=4e0e1b9856b85f8b
DROP TRIGGER "model_tags_update";
