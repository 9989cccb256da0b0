package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"

	driver "modernc.org/sqlite"
)

func (s *sqlite) Provisioner(ctx context.Context, digest []byte) (Provisioner, error) {
	return scanProvisionerSQL(s.reads.QueryRowContext(ctx, provisionerQuery, digest))
}

const provisionerQuery = `SELECT ` + provisionerColumns + ` FROM scim_configuration WHERE token_digest = ?`

// admitted runs a change by an admitted visitor; nobody else writes meanwhile.
func (s *sqlite) admitted(ctx context.Context, visit *Visit, change func(*sql.Tx) error) error {
	tx, err := s.writes.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	found, err := scanProvisionerSQL(tx.QueryRowContext(ctx, provisionerQuery, visit.Digest))
	if err := visit.admit(found, err, true); err != nil {
		return err
	}
	if err := change(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func (s *sqlite) CreateUser(ctx context.Context, visit *Visit, attributes *Attributes) (user ScimUser, err error) {
	if err := attributes.into(&user); err != nil {
		return user, err
	}
	err = s.admitted(ctx, visit, func(tx *sql.Tx) error {
		user.begin(visit)
		member := attributes.member(user)
		addresses := attributes.addresses()
		var known bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM member m WHERE organization_id = ?
			AND email_key IN (?, ?) AND status <> 'left' AND NOT EXISTS (SELECT 1 FROM scim_user u WHERE u.id = m.id))`,
			plain(visit.Provisioner.OrganizationID), addresses[0], addresses[len(addresses)-1]).Scan(&known); err != nil {
			return err
		}
		if known {
			return &refusal{409, "uniqueness", "a member of the organization already has the e-mail address"}
		}
		now := user.CreatedAt.UnixMicro()
		if _, err := tx.ExecContext(ctx, `INSERT INTO member (id, organization_id, name, name_key, email, email_key,
			avatar_url, role, status, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?)`, plain(member.ID),
			plain(member.OrganizationID), member.Name, folded(member.Name), member.Email, folded(member.Email), member.Role,
			member.Status, now, now); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO scim_user (`+userColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?)`,
			plain(user.ID), plain(user.ConfigurationID), plain(user.OrganizationID), user.UserNameKey, user.ExternalID, user.Active,
			string(user.Document), now, now); err != nil {
			return err
		}
		if err := insertValues(ctx, tx, user, attributes); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE scim_count SET users = users + 1 WHERE configuration_id = ?`,
			plain(user.ConfigurationID)); err != nil {
			return err
		}
		return insertEvent(ctx, tx, visit, "create", user, member.introduced())
	})
	return user, uniqueSQL(err)
}

func (s *sqlite) ChangeUser(ctx context.Context, visit *Visit, id UUID, patch *patch) (after ScimUser, err error) {
	err = s.admitted(ctx, visit, func(tx *sql.Tx) error {
		before, err := scanUserSQL(tx.QueryRowContext(ctx, userQuery, plain(visit.Provisioner.ID), plain(id)))
		if err != nil {
			return err
		}
		users := []ScimUser{before}
		if err := withGroups(ctx, tx, users); err != nil {
			return err
		}
		var attributes Attributes
		var changes map[string][2]any
		if after, attributes, changes, err = users[0].changed(patch); err != nil || changes == nil {
			return err
		}
		var role, was string
		if err := tx.QueryRowContext(ctx, `SELECT role, status FROM member WHERE id = ?`, plain(id)).Scan(&role, &was); err != nil {
			return err
		}
		member := attributes.member(after)
		if role == "admin" && was == "active" && member.Status != was {
			var others int
			if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM member WHERE organization_id = ? AND role = 'admin'
				AND status = 'active' AND id <> ?`, plain(after.OrganizationID), plain(id)).Scan(&others); err != nil {
				return err
			}
			if others == 0 {
				return &refusal{403, "", "an organization keeps an administrator"}
			}
		}
		if member.Status != was {
			changes["status"] = [2]any{was, member.Status}
		}
		now := after.UpdatedAt.UnixMicro()
		if _, err := tx.ExecContext(ctx, `UPDATE member SET name = ?, name_key = ?, email = ?, email_key = ?, status = ?,
			updated_at = ? WHERE id = ?`, member.Name, folded(member.Name), member.Email, folded(member.Email), member.Status, now,
			plain(id)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE scim_user SET user_name_key = ?, external_id = ?, active = ?, document = ?,
			version = ?, updated_at = ? WHERE id = ?`, after.UserNameKey, after.ExternalID, after.Active, string(after.Document),
			after.Version, now, plain(id)); err != nil {
			return err
		}
		if valuesDiffer(changes) {
			if _, err := tx.ExecContext(ctx, `DELETE FROM scim_user_value WHERE user_id = ?`, plain(id)); err != nil {
				return err
			}
			if err := insertValues(ctx, tx, after, &attributes); err != nil {
				return err
			}
		}
		return insertEvent(ctx, tx, visit, "update", after, changes)
	})
	return after, uniqueSQL(err)
}

const userQuery = `SELECT ` + userColumns + ` FROM scim_user WHERE configuration_id = ? AND id = ?`

func (s *sqlite) User(ctx context.Context, configuration, id UUID) (ScimUser, error) {
	user, err := scanUserSQL(s.reads.QueryRowContext(ctx, userQuery, plain(configuration), plain(id)))
	if err != nil {
		return user, err
	}
	users := []ScimUser{user}
	err = withGroups(ctx, s.reads, users)
	return users[0], err
}

func (s *sqlite) Users(
	ctx context.Context, configuration UUID, only *Equals, start, count int,
) (users []ScimUser, total int64, err error) {
	which, values := `configuration_id = ?`, []any{plain(configuration)}
	if only != nil {
		which, values = which+` AND `+only.column+` = ?`, append(values, only.value)
	}
	rows, err := s.reads.QueryContext(ctx, `SELECT `+userColumns+` FROM scim_user WHERE `+which+` ORDER BY id LIMIT `+
		limit(start, count), values...)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		user, err := scanUserSQL(rows)
		if err != nil {
			return nil, 0, err
		}
		users = append(users, user)
	}
	if err := rows.Err(); err != nil {
		return nil, 0, err
	}
	if err := withGroups(ctx, s.reads, users); err != nil {
		return nil, 0, err
	}
	if len(users) > 0 && len(users) < count { // the last page
		return users, int64(max(start-1, 0) + len(users)), nil
	}
	counting := `SELECT count(*) FROM scim_user WHERE ` + which
	if only == nil {
		counting = `SELECT users FROM scim_count WHERE ` + which
	}
	err = s.reads.QueryRowContext(ctx, counting, values...).Scan(&total)
	return users, total, err
}

func (s *sqlite) Log(ctx context.Context, requests []request) error {
	tx, err := s.writes.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	insert, err := tx.PrepareContext(ctx,
		`INSERT INTO scim_request (`+requestColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '')`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, r := range requests {
		if _, err := insert.ExecContext(ctx, plain(r.id), plain(r.visit.Provisioner.OrganizationID), plain(r.visit.Provisioner.ID),
			r.receivedAt.UnixMicro(), r.duration.Microseconds(), r.method, r.path, r.status, r.detail, r.scimType, r.userAgent,
			r.visit.RequestID, r.visit.Peer); err != nil {
			return err
		}
	}
	if s.purges.due(len(requests)) {
		configuration := plain(requests[0].visit.Provisioner.ID)
		if _, err := tx.ExecContext(ctx, `DELETE FROM scim_request WHERE scim_configuration_id = ? AND sequence <= (
			SELECT sequence FROM scim_request WHERE scim_configuration_id = ? ORDER BY sequence DESC LIMIT 1 OFFSET ?)`,
			configuration, configuration, logKept); err != nil {
			return err
		}
	}
	return tx.Commit()
}

type querying interface {
	QueryContext(ctx context.Context, query string, values ...any) (*sql.Rows, error)
}

// withGroups reads the groups of users, who are all of one configuration.
func withGroups(ctx context.Context, from querying, users []ScimUser) error {
	if len(users) == 0 {
		return nil
	}
	values := []any{plain(users[0].ConfigurationID)}
	places := map[UUID]int{}
	for i, user := range users {
		values, places[user.ID] = append(values, plain(user.ID)), i
	}
	rows, err := from.QueryContext(ctx, `SELECT m.user_id, g.id, g.display_name FROM scim_group_member m
		JOIN scim_group g ON g.roster_id = m.roster_id WHERE m.configuration_id = ? AND m.user_id IN (?`+
		strings.Repeat(`, ?`, len(users)-1)+`) ORDER BY m.user_id, g.id`, values...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var user UUID
		var group ScimGroup
		if err := rows.Scan((*key)(&user), (*key)(&group.ID), &group.DisplayName); err != nil {
			return err
		}
		users[places[user]].Groups = append(users[places[user]].Groups, group)
	}
	return rows.Err()
}

func insertValues(ctx context.Context, tx *sql.Tx, user ScimUser, attributes *Attributes) error {
	insert, err := tx.PrepareContext(ctx, `INSERT INTO scim_user_value (user_id, attribute, position, configuration_id, key,
		value, display, type, is_primary) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, value := range attributes.values() {
		if _, err := insert.ExecContext(ctx, plain(user.ID), value.Attribute, value.Position, plain(user.ConfigurationID),
			value.start(), value.Value, value.Display, value.Type, value.Primary); err != nil {
			return err
		}
	}
	return nil
}

func insertEvent(
	ctx context.Context, tx *sql.Tx, visit *Visit, action string, user ScimUser, changes map[string][2]any,
) error {
	text, err := json.Marshal(changes)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO audit_event (id, occurred_at, organization_id, actor, actor_id, action, subject,
		subject_id, changes, request_id, peer) VALUES (?, ?, ?, 'scim_configuration', ?, ?, 'user', ?, ?, ?, ?)`,
		plain(newUUID()), user.UpdatedAt.UnixMicro(), plain(user.OrganizationID), plain(user.ConfigurationID), action,
		plain(user.ID), string(text), visit.RequestID, visit.Peer)
	return err
}

func scanProvisionerSQL(row scanner) (p Provisioner, err error) {
	err = row.Scan((*key)(&p.ID), (*key)(&p.OrganizationID), &p.Enabled, &p.Linked, (*instant)(&p.ExpiresAt))
	return p, foundSQL(err)
}

func scanUserSQL(row scanner) (u ScimUser, err error) {
	var document string
	err = row.Scan((*key)(&u.ID), (*key)(&u.ConfigurationID), (*key)(&u.OrganizationID), &u.UserNameKey, &u.ExternalID,
		&u.Active, &document, &u.Version, (*instant)(&u.CreatedAt), (*instant)(&u.UpdatedAt))
	u.Document = []byte(document)
	return u, foundSQL(err)
}

// uniqueSQL tells which attribute somebody else has.
func uniqueSQL(err error) error {
	var failed *driver.Error
	if !errors.As(err, &failed) || failed.Code() != 2067 { // SQLITE_CONSTRAINT_UNIQUE
		return err
	}
	if strings.Contains(failed.Error(), "external_id") {
		return taken("externalId")
	}
	return taken("userName")
}
