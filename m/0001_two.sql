CREATE TABLE "wallets_draft" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "is ok" integer NOT NULL DEFAULT 7, "Kind" text, "email" integer);
--> statement-breakpoint
INSERT INTO "wallets_draft" ("id", "is ok", "Kind", "email") SELECT "id", "is ok", "Kind", "email" FROM "wallets";
--> statement-breakpoint
DROP TABLE "wallets";
--> statement-breakpoint
ALTER TABLE "wallets_draft" RENAME TO "wallets";