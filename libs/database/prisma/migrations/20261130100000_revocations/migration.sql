-- What is revoked, until the last token that it means has expired: a user's tokens issued up to `issued_before`, or one token.
CREATE TABLE "revocations" (
    "subject" TEXT NOT NULL,
    "issued_before" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "stored_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "revocations_pkey" PRIMARY KEY ("subject")
);
CREATE INDEX "revocations_stored_at_idx" ON "revocations" ("stored_at");
CREATE INDEX "revocations_expires_at_idx" ON "revocations" ("expires_at");
