package main

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type postgres struct {
	pool   *pgxpool.Pool
	purges purges
}

const columns = `id, organization_id, name, enabled, sso_configuration_id,
	allow_unverified_email_account_linking, token_expires_at, created_at, updated_at`

func openPostgres(ctx context.Context, url string) (*postgres, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 16
	pool, err := pgxpool.NewWithConfig(ctx, config)
	return &postgres{pool: pool}, err
}

func (p *postgres) Access(ctx context.Context, digest []byte) (access Access, err error) {
	err = p.pool.QueryRow(ctx, `SELECT t.id, t.user_id, t.organization_id, t.read_only, t.expires_at, m.role, m.status
		FROM personal_access_token t JOIN member m ON m.id = t.user_id WHERE t.digest = $1`, digest,
	).Scan(&access.TokenID, &access.UserID, &access.OrganizationID, &access.ReadOnly, &access.ExpiresAt,
		&access.Role, &access.UserStatus)
	return access, found(err)
}

func (p *postgres) Get(ctx context.Context, organization, id UUID) (Configuration, error) {
	return scan(p.pool.QueryRow(ctx,
		`SELECT `+columns+` FROM scim_configuration WHERE organization_id = $1 AND id = $2`, organization, id))
}

func (p *postgres) List(ctx context.Context, organization, after UUID, limit int) ([]Configuration, error) {
	rows, err := p.pool.Query(ctx, `SELECT `+columns+` FROM scim_configuration
		WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3`, organization, after, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Configuration, error) { return scan(row) })
}

func (p *postgres) Update(ctx context.Context, caller Caller, id UUID, change Change) (after Configuration, err error) {
	err = pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		before, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM scim_configuration
			WHERE organization_id = $1 AND id = $2 FOR UPDATE`, caller.OrganizationID, id))
		if err != nil {
			return err
		}
		if after, err = change(before); err != nil {
			return err
		}
		event := revise(caller, before, &after)
		if event == nil {
			return nil
		}
		if after.SSOConfigurationID != nil && text(after.SSOConfigurationID) != text(before.SSOConfigurationID) {
			var there int
			if err := tx.QueryRow(ctx, `SELECT 1 FROM sso_configuration WHERE organization_id = $1 AND id = $2
				FOR UPDATE`, caller.OrganizationID, after.SSOConfigurationID).Scan(&there); err != nil {
				return found(err)
			}
		}
		batch := new(pgx.Batch)
		batch.Queue(`UPDATE scim_configuration SET name = $3, enabled = $4, sso_configuration_id = $5,
			allow_unverified_email_account_linking = $6, updated_at = $7 WHERE organization_id = $1 AND id = $2`,
			caller.OrganizationID, id, after.Name, after.Enabled, after.SSOConfigurationID, after.AllowUnverified,
			after.UpdatedAt)
		batch.Queue(`INSERT INTO audit_event (id, occurred_at, organization_id, actor, actor_id, actor_token_id,
			action, subject, subject_id, changes, request_id, peer)
			VALUES ($1, $2, $3, 'user', $4, $5, 'update', 'scim_configuration', $6, $7, $8, $9)`,
			event.ID, event.OccurredAt, caller.OrganizationID, caller.UserID, caller.TokenID, event.SubjectID,
			event.Changes, newUUID().String(), caller.Peer)
		return tx.SendBatch(ctx, batch).Close()
	})
	return after, err
}

func scan(row pgx.Row) (c Configuration, err error) {
	err = row.Scan(&c.ID, &c.OrganizationID, &c.Name, &c.Enabled, &c.SSOConfigurationID, &c.AllowUnverified,
		&c.TokenExpiresAt, &c.CreatedAt, &c.UpdatedAt)
	return c, found(err)
}

func found(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	return err
}
