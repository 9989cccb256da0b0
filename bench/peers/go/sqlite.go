package main

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	_ "modernc.org/sqlite"
)

// sqlite has one connection that writes, as SQLite has one writer, and a few that read.
type sqlite struct {
	writes, reads *sql.DB
	purges        purges
}

func openSQLite(path string) (*sqlite, error) {
	open := func(connections int, more url.Values) (*sql.DB, error) {
		query := url.Values{"_pragma": {
			"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "busy_timeout(10000)", "cache_size(-65536)",
		}}
		for name, values := range more {
			query[name] = append(query[name], values...)
		}
		database, err := sql.Open("sqlite", "file:"+path+"?"+query.Encode())
		if err == nil {
			database.SetMaxOpenConns(connections)
			database.SetMaxIdleConns(connections)
		}
		return database, err
	}
	writes, err := open(1, url.Values{"_txlock": {"immediate"}})
	if err != nil {
		return nil, err
	}
	reads, err := open(4, url.Values{"_pragma": {"query_only(ON)"}})
	return &sqlite{writes: writes, reads: reads}, err
}

func (s *sqlite) Access(ctx context.Context, digest []byte) (access Access, err error) {
	err = s.reads.QueryRowContext(ctx, `SELECT t.id, t.user_id, t.organization_id, t.read_only, t.expires_at, m.role,
		m.status FROM personal_access_token t JOIN member m ON m.id = t.user_id WHERE t.digest = ?`, digest,
	).Scan((*key)(&access.TokenID), (*key)(&access.UserID), (*key)(&access.OrganizationID), &access.ReadOnly,
		(*instant)(&access.ExpiresAt), &access.Role, &access.UserStatus)
	return access, foundSQL(err)
}

func (s *sqlite) Get(ctx context.Context, organization, id UUID) (Configuration, error) {
	return scanSQL(s.reads.QueryRowContext(ctx,
		`SELECT `+columns+` FROM scim_configuration WHERE organization_id = ? AND id = ?`, plain(organization), plain(id)))
}

func (s *sqlite) List(ctx context.Context, organization, after UUID, limit int) (all []Configuration, err error) {
	rows, err := s.reads.QueryContext(ctx, `SELECT `+columns+` FROM scim_configuration
		WHERE organization_id = ? AND id > ? ORDER BY id LIMIT ?`, plain(organization), plain(after), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		each, err := scanSQL(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, each)
	}
	return all, rows.Err()
}

func (s *sqlite) Update(ctx context.Context, caller Caller, id UUID, change Change) (after Configuration, err error) {
	tx, err := s.writes.BeginTx(ctx, nil)
	if err != nil {
		return after, err
	}
	defer tx.Rollback()
	before, err := scanSQL(tx.QueryRowContext(ctx, `SELECT `+columns+` FROM scim_configuration
		WHERE organization_id = ? AND id = ?`, plain(caller.OrganizationID), plain(id)))
	if err != nil {
		return after, err
	}
	if after, err = change(before); err != nil {
		return after, err
	}
	event := revise(caller, before, &after)
	if event == nil {
		return after, nil
	}
	var link any
	if after.SSOConfigurationID != nil {
		link = plain(*after.SSOConfigurationID)
		if text(after.SSOConfigurationID) != text(before.SSOConfigurationID) {
			var there int
			if err := tx.QueryRowContext(ctx, `SELECT 1 FROM sso_configuration WHERE organization_id = ? AND id = ?`,
				plain(caller.OrganizationID), link).Scan(&there); err != nil {
				return after, foundSQL(err)
			}
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE scim_configuration SET name = ?, enabled = ?, sso_configuration_id = ?,
		allow_unverified_email_account_linking = ?, updated_at = ? WHERE organization_id = ? AND id = ?`,
		after.Name, after.Enabled, link, after.AllowUnverified, after.UpdatedAt.UnixMicro(),
		plain(caller.OrganizationID), plain(id)); err != nil {
		return after, err
	}
	changes, err := json.Marshal(event.Changes)
	if err != nil {
		return after, err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO audit_event (id, occurred_at, organization_id, actor, actor_id,
		actor_token_id, action, subject, subject_id, changes, request_id, peer)
		VALUES (?, ?, ?, 'user', ?, ?, 'update', 'scim_configuration', ?, ?, ?, ?)`,
		plain(event.ID), event.OccurredAt.UnixMicro(), plain(caller.OrganizationID), plain(caller.UserID),
		plain(caller.TokenID), plain(event.SubjectID), string(changes), newUUID().String(), caller.Peer); err != nil {
		return after, err
	}
	return after, tx.Commit()
}

type scanner interface{ Scan(into ...any) error }

func scanSQL(row scanner) (c Configuration, err error) {
	var link sql.NullString
	err = row.Scan((*key)(&c.ID), (*key)(&c.OrganizationID), &c.Name, &c.Enabled, &link, &c.AllowUnverified,
		(*instant)(&c.TokenExpiresAt), (*instant)(&c.CreatedAt), (*instant)(&c.UpdatedAt))
	if err == nil && link.Valid {
		c.SSOConfigurationID = new(UUID)
		err = (*key)(c.SSOConfigurationID).Scan(link.String)
	}
	return c, foundSQL(err)
}

func foundSQL(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// key is a UUID as the schema has it in SQLite: 32 hexadecimal digits.
type key UUID

func (k *key) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return errors.New("not a UUID")
	}
	_, err := hex.Decode(k[:], []byte(text))
	return err
}

func plain(id UUID) string { return hex.EncodeToString(id[:]) }

// instant is a time as the schema has it in SQLite: microseconds since 1970.
type instant time.Time

func (i *instant) Scan(value any) error {
	microseconds, ok := value.(int64)
	if !ok {
		return errors.New("not an instant")
	}
	*i = instant(time.UnixMicro(microseconds).UTC())
	return nil
}
