package main

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	provisionerColumns = `id, organization_id, enabled, sso_configuration_id IS NOT NULL, token_expires_at`
	userColumns        = `id, configuration_id, organization_id, user_name_key, external_id, active, document, version,
	created_at, updated_at`
)

func (p *postgres) Provisioner(ctx context.Context, digest []byte) (Provisioner, error) {
	return scanProvisioner(p.pool.QueryRow(ctx,
		`SELECT `+provisionerColumns+` FROM scim_configuration WHERE token_digest = $1`, digest))
}

// admitted runs a change by an admitted visitor. The configuration stays as it is until the change is done.
func (p *postgres) admitted(ctx context.Context, visit *Visit, change func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		batch := new(pgx.Batch)
		batch.Queue(`SELECT pg_advisory_xact_lock_shared(1, hashtext(id::text)) FROM scim_configuration
			WHERE token_digest = $1`, visit.Digest)
		batch.Queue(`SELECT `+provisionerColumns+` FROM scim_configuration WHERE token_digest = $1`, visit.Digest)
		results := tx.SendBatch(ctx, batch)
		results.Exec()
		found, err := scanProvisioner(results.QueryRow())
		results.Close()
		if err := visit.admit(found, err, true); err != nil {
			return err
		}
		return change(tx)
	})
}

func (p *postgres) CreateUser(ctx context.Context, visit *Visit, attributes *Attributes) (user ScimUser, err error) {
	if err := attributes.into(&user); err != nil {
		return user, err
	}
	err = p.admitted(ctx, visit, func(tx pgx.Tx) error {
		user.begin(visit)
		member := attributes.member(user)
		var known bool
		if err := tx.QueryRow(ctx, knownQuery, visit.Provisioner.OrganizationID, attributes.addresses()).Scan(&known); err != nil {
			return err
		}
		if known {
			return &refusal{409, "uniqueness", "a member of the organization already has the e-mail address"}
		}
		batch := new(pgx.Batch)
		batch.Queue(`INSERT INTO member (id, organization_id, name, name_key, email, email_key, avatar_url, role, status,
			created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8, $9, $9)`, member.ID, member.OrganizationID,
			member.Name, folded(member.Name), member.Email, folded(member.Email), member.Role, member.Status, member.CreatedAt)
		batch.Queue(`INSERT INTO scim_user (`+userColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8)`, user.ID,
			user.ConfigurationID, user.OrganizationID, user.UserNameKey, user.ExternalID, user.Active, string(user.Document), user.CreatedAt)
		queueValues(batch, user, attributes)
		queueEvent(batch, visit, "create", user, member.introduced())
		// Last: until the transaction ends, nobody else can count.
		batch.Queue(`UPDATE scim_count SET users = users + 1 WHERE configuration_id = $1`, user.ConfigurationID)
		return tx.SendBatch(ctx, batch).Close()
	})
	return user, unique(err)
}

const knownQuery = `SELECT EXISTS (SELECT 1 FROM member m WHERE organization_id = $1 AND email_key = ANY($2)
	AND status <> 'left' AND NOT EXISTS (SELECT 1 FROM scim_user u WHERE u.id = m.id))`

func (p *postgres) ChangeUser(ctx context.Context, visit *Visit, id UUID, patch *patch) (after ScimUser, err error) {
	err = p.admitted(ctx, visit, func(tx pgx.Tx) error {
		batch := new(pgx.Batch)
		batch.Queue(`SELECT `+userColumns+` FROM scim_user WHERE configuration_id = $1 AND id = $2 FOR UPDATE`,
			visit.Provisioner.ID, id)
		batch.Queue(`SELECT role, status FROM member WHERE id = $1 FOR UPDATE`, id)
		batch.Queue(groupsQuery, visit.Provisioner.ID, []UUID{id})
		results := tx.SendBatch(ctx, batch)
		before, err := scanUser(results.QueryRow())
		var role, was string
		roleErr := results.QueryRow().Scan(&role, &was)
		var groups map[UUID][]ScimGroup
		if err == nil {
			rows, _ := results.Query()
			groups, err = collectGroups(rows)
		}
		results.Close()
		if err := errors.Join(err, roleErr); err != nil {
			return found(err)
		}
		before.Groups = groups[id]
		var attributes Attributes
		var changes map[string][2]any
		if after, attributes, changes, err = before.changed(patch); err != nil || changes == nil {
			return err
		}
		member := attributes.member(after)
		if role == "admin" && was == "active" && member.Status != was {
			var other UUID
			if err := tx.QueryRow(ctx, `SELECT id FROM member WHERE organization_id = $1 AND role = 'admin'
				AND status = 'active' AND id <> $2 LIMIT 1 FOR UPDATE`, after.OrganizationID, id).Scan(&other); err != nil {
				return errors.Join(&refusal{403, "", "an organization keeps an administrator"}, err)
			}
		}
		if member.Status != was {
			changes["status"] = [2]any{was, member.Status}
		}
		batch = new(pgx.Batch)
		batch.Queue(`UPDATE member SET name = $2, name_key = $3, email = $4, email_key = $5, status = $6, updated_at = $7
			WHERE id = $1`, id, member.Name, folded(member.Name), member.Email, folded(member.Email), member.Status, after.UpdatedAt)
		batch.Queue(`UPDATE scim_user SET user_name_key = $2, external_id = $3, active = $4, document = $5, version = $6,
			updated_at = $7 WHERE id = $1`, id, after.UserNameKey, after.ExternalID, after.Active, string(after.Document),
			after.Version, after.UpdatedAt)
		if valuesDiffer(changes) {
			batch.Queue(`DELETE FROM scim_user_value WHERE user_id = $1`, id)
			queueValues(batch, after, &attributes)
		}
		queueEvent(batch, visit, "update", after, changes)
		return tx.SendBatch(ctx, batch).Close()
	})
	return after, unique(err)
}

func (p *postgres) User(ctx context.Context, configuration, id UUID) (ScimUser, error) {
	batch := new(pgx.Batch)
	batch.Queue(`SELECT `+userColumns+` FROM scim_user WHERE configuration_id = $1 AND id = $2`, configuration, id)
	batch.Queue(groupsQuery, configuration, []UUID{id})
	results := p.pool.SendBatch(ctx, batch)
	defer results.Close()
	user, err := scanUser(results.QueryRow())
	if err != nil {
		return user, err
	}
	rows, _ := results.Query()
	groups, err := collectGroups(rows)
	user.Groups = groups[id]
	return user, err
}

func (p *postgres) Users(
	ctx context.Context, configuration UUID, only *Equals, start, count int,
) (users []ScimUser, total int64, err error) {
	which, values := `configuration_id = $1`, []any{configuration}
	if only != nil {
		which, values = which+` AND `+only.column+` = $2`, append(values, only.value)
	}
	rows, err := p.pool.Query(ctx, `SELECT `+userColumns+` FROM scim_user WHERE `+which+` ORDER BY id LIMIT `+
		limit(start, count), values...)
	if err != nil {
		return nil, 0, err
	}
	users, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (ScimUser, error) { return scanUser(row) })
	if err != nil {
		return nil, 0, err
	}
	ids := make([]UUID, len(users))
	for i, user := range users {
		ids[i] = user.ID
	}
	batch := new(pgx.Batch)
	batch.Queue(groupsQuery, configuration, ids)
	if total = int64(max(start-1, 0) + len(users)); len(users) == 0 || len(users) == count { // not the last page
		if only == nil {
			batch.Queue(`SELECT users FROM scim_count WHERE configuration_id = $1`, configuration)
		} else {
			batch.Queue(`SELECT count(*) FROM scim_user WHERE `+which, values...)
		}
	}
	results := p.pool.SendBatch(ctx, batch)
	defer results.Close()
	rows, _ = results.Query()
	groups, err := collectGroups(rows)
	if err == nil && batch.Len() > 1 {
		err = results.QueryRow().Scan(&total)
	}
	for i := range users {
		users[i].Groups = groups[users[i].ID]
	}
	return users, total, err
}

func (p *postgres) Log(ctx context.Context, requests []request) error {
	rows := pgx.CopyFromSlice(len(requests), func(i int) ([]any, error) {
		r := requests[i]
		return []any{r.id, r.visit.Provisioner.OrganizationID, r.visit.Provisioner.ID, r.receivedAt, r.duration.Microseconds(),
			r.method, r.path, r.status, r.detail, r.scimType, r.userAgent, r.visit.RequestID, r.visit.Peer, "", ""}, nil
	})
	_, err := p.pool.CopyFrom(ctx, pgx.Identifier{"scim_request"}, strings.Split(requestColumns, ", "), rows)
	if err == nil && p.purges.due(len(requests)) {
		_, err = p.pool.Exec(ctx, `DELETE FROM scim_request WHERE scim_configuration_id = $1 AND sequence <= (
			SELECT sequence FROM scim_request WHERE scim_configuration_id = $1 ORDER BY sequence DESC OFFSET $2 LIMIT 1)`,
			requests[0].visit.Provisioner.ID, logKept)
	}
	return err
}

const requestColumns = `id, organization_id, scim_configuration_id, received_at, duration, method, path, status, ` +
	`detail, scim_type, user_agent, request_id, peer, request_body, response_body`

const groupsQuery = `SELECT m.user_id, g.id, g.display_name FROM scim_group_member m JOIN scim_group g ON g.roster_id = m.roster_id
	WHERE m.configuration_id = $1 AND m.user_id = ANY($2) ORDER BY m.user_id, g.id`

func queueValues(batch *pgx.Batch, user ScimUser, attributes *Attributes) {
	for _, value := range attributes.values() {
		batch.Queue(`INSERT INTO scim_user_value (user_id, attribute, position, configuration_id, key, value, display,
			type, is_primary) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, user.ID, value.Attribute, value.Position,
			user.ConfigurationID, value.start(), value.Value, value.Display, value.Type, value.Primary)
	}
}

func queueEvent(batch *pgx.Batch, visit *Visit, action string, user ScimUser, changes map[string][2]any) {
	batch.Queue(`INSERT INTO audit_event (id, occurred_at, organization_id, actor, actor_id, action, subject, subject_id,
		changes, request_id, peer) VALUES ($1, $2, $3, 'scim_configuration', $4, $5, 'user', $6, $7, $8, $9)`,
		newUUID(), user.UpdatedAt, user.OrganizationID, user.ConfigurationID, action, user.ID, changes, visit.RequestID, visit.Peer)
}

func collectGroups(rows pgx.Rows) (map[UUID][]ScimGroup, error) {
	groups := map[UUID][]ScimGroup{}
	var user UUID
	var group ScimGroup
	_, err := pgx.ForEachRow(rows, []any{&user, &group.ID, &group.DisplayName}, func() error {
		groups[user] = append(groups[user], group)
		return nil
	})
	return groups, err
}

func scanProvisioner(row pgx.Row) (p Provisioner, err error) {
	err = row.Scan(&p.ID, &p.OrganizationID, &p.Enabled, &p.Linked, &p.ExpiresAt)
	return p, found(err)
}

func scanUser(row pgx.Row) (u ScimUser, err error) {
	var document string
	err = row.Scan(&u.ID, &u.ConfigurationID, &u.OrganizationID, &u.UserNameKey, &u.ExternalID, &u.Active, &document,
		&u.Version, &u.CreatedAt, &u.UpdatedAt)
	u.Document = []byte(document)
	return u, found(err)
}

// unique tells which attribute somebody else has.
func unique(err error) error {
	var failed *pgconn.PgError
	if !errors.As(err, &failed) || failed.Code != "23505" {
		return err
	}
	if strings.Contains(failed.ConstraintName, "external_id") {
		return taken("externalId")
	}
	return taken("userName")
}
