package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

const coreUser = "urn:ietf:params:scim:schemas:core:2.0:User"

// ScimUser is a row of scim_user. Document is what the provider said of the user, as JSON.
type ScimUser struct {
	ID, ConfigurationID, OrganizationID UUID
	UserNameKey                         string
	ExternalID                          *string
	Active                              bool
	Document                            []byte
	Version                             int64
	CreatedAt, UpdatedAt                time.Time
	Groups                              []ScimGroup
}

// ScimGroup is a group that a user is in.
type ScimGroup struct {
	ID          UUID
	DisplayName string
}

// Attributes is a Document: what RFC 7643, section 4.1, has, but for addresses, ims, photos and certificates.
type Attributes struct {
	Schemas           []string  `json:"schemas"`
	ExternalID        *string   `json:"externalId,omitempty"`
	UserName          string    `json:"userName"`
	Name              *Name     `json:"name,omitempty"`
	DisplayName       string    `json:"displayName,omitempty"`
	NickName          string    `json:"nickName,omitempty"`
	ProfileURL        string    `json:"profileUrl,omitempty"`
	Title             string    `json:"title,omitempty"`
	UserType          string    `json:"userType,omitempty"`
	PreferredLanguage string    `json:"preferredLanguage,omitempty"`
	Locale            string    `json:"locale,omitempty"`
	Timezone          string    `json:"timezone,omitempty"`
	Active            *bool     `json:"active"`
	Emails            []Element `json:"emails,omitempty"`
	PhoneNumbers      []Element `json:"phoneNumbers,omitempty"`
	Roles             []Element `json:"roles,omitempty"`
	Entitlements      []Element `json:"entitlements,omitempty"`
}

// Name is the parts of a name.
type Name struct {
	Formatted  string `json:"formatted,omitempty"`
	FamilyName string `json:"familyName,omitempty"`
	GivenName  string `json:"givenName,omitempty"`
	MiddleName string `json:"middleName,omitempty"`
}

// Element is one of several values of an attribute.
type Element struct {
	Value   string `json:"value,omitempty"`
	Display string `json:"display,omitempty"`
	Type    string `json:"type,omitempty"`
	Primary *bool  `json:"primary,omitempty"`
}

// Value is a row of scim_user_value: what filters look into.
type Value struct {
	Attribute            string
	Position             int
	Value, Display, Type *string
	Primary              *bool
}

// Member is a row of member, as the provider's attributes make it.
type Member struct {
	ID                        UUID
	Name, Email, Role, Status string
	OrganizationID            UUID
	CreatedAt, UpdatedAt      time.Time
}

// begin makes the user one of the visitor's, as new.
func (u *ScimUser) begin(visit *Visit) {
	u.ID, u.ConfigurationID, u.OrganizationID = newUUID(), visit.Provisioner.ID, visit.Provisioner.OrganizationID
	u.Version, u.CreatedAt = 1, time.Now().UTC().Truncate(time.Microsecond)
	u.UpdatedAt = u.CreatedAt
}

func (m Member) introduced() map[string][2]any {
	return map[string][2]any{
		"name": {nil, m.Name}, "email": {nil, m.Email}, "role": {nil, m.Role}, "status": {nil, m.Status},
	}
}

func (a *Attributes) check() error {
	if !strings.Contains(strings.Join(a.Schemas, " "), coreUser) {
		return &refusal{400, "invalidSyntax", "schemas: must have " + coreUser}
	}
	if strings.TrimSpace(a.UserName) == "" || len(a.UserName) > 512 {
		return &refusal{400, "invalidValue", "userName: must have 1 to 512 characters"}
	}
	if a.ExternalID != nil && len(*a.ExternalID) > 512 {
		return &refusal{400, "invalidValue", "externalId: must have at most 512 characters"}
	}
	for _, email := range a.Emails {
		if len(email.Value) > 320 {
			return &refusal{400, "invalidValue", "emails.value: must have at most 320 characters"}
		}
	}
	if a.Active == nil {
		a.Active = new(true)
	}
	return nil
}

// into puts the attributes into the user's row.
func (a *Attributes) into(user *ScimUser) error {
	if err := a.check(); err != nil {
		return err
	}
	document, err := json.Marshal(a)
	if err != nil {
		return err
	}
	user.Document, user.UserNameKey, user.ExternalID, user.Active = document, folded(a.UserName), a.ExternalID, *a.Active
	return nil
}

func (a *Attributes) member(user ScimUser) Member {
	member := Member{ID: user.ID, Name: a.DisplayName, Email: a.email(), Role: "member", Status: status(user.Active),
		OrganizationID: user.OrganizationID, CreatedAt: user.CreatedAt, UpdatedAt: user.UpdatedAt}
	if name := a.Name; name != nil && member.Name == "" {
		if member.Name = name.Formatted; member.Name == "" {
			member.Name = strings.TrimSpace(name.GivenName + " " + name.FamilyName)
		}
	}
	if member.Name == "" {
		member.Name = a.UserName
	}
	return member
}

func (a *Attributes) email() string {
	first := ""
	for _, email := range a.Emails {
		if email.Primary != nil && *email.Primary && email.Value != "" {
			return email.Value
		}
		if first == "" {
			first = email.Value
		}
	}
	if first == "" && strings.Contains(a.UserName, "@") {
		return a.UserName
	}
	return first
}

// addresses are those by which a member may be known already.
func (a *Attributes) addresses() []string {
	found := []string{folded(a.email())}
	if key := folded(a.UserName); strings.Contains(key, "@") && key != found[0] {
		found = append(found, key)
	}
	return found
}

func (a *Attributes) values() []Value {
	var found []Value
	texts := []struct{ name, text string }{
		{"displayName", a.DisplayName}, {"nickName", a.NickName}, {"title", a.Title}, {"userType", a.UserType},
		{"preferredLanguage", a.PreferredLanguage}, {"locale", a.Locale}, {"timezone", a.Timezone},
	}
	if a.Name != nil {
		texts = append(texts, []struct{ name, text string }{
			{"name.formatted", a.Name.Formatted}, {"name.familyName", a.Name.FamilyName},
			{"name.givenName", a.Name.GivenName}, {"name.middleName", a.Name.MiddleName},
		}...)
	}
	for _, each := range texts {
		if each.text != "" {
			found = append(found, Value{Attribute: each.name, Value: compared(each.text)})
		}
	}
	for _, several := range []struct {
		name     string
		elements []Element
	}{
		{"emails", a.Emails}, {"phoneNumbers", a.PhoneNumbers}, {"roles", a.Roles}, {"entitlements", a.Entitlements},
	} {
		for position, each := range several.elements {
			found = append(found, Value{several.name, position, compared(each.Value), compared(each.Display), compared(each.Type), each.Primary})
		}
	}
	return found
}

// start is as much of a value as its index holds.
func (v Value) start() *string {
	if v.Value == nil || len(*v.Value) <= 128 {
		return v.Value
	}
	return new(string([]rune(*v.Value)[:min(128, len([]rune(*v.Value)))]))
}

// compared returns a text as it is compared, nil if there is none.
func compared(text string) *string {
	if text == "" {
		return nil
	}
	return new(folded(text))
}

func folded(text string) string { return norm.NFC.String(strings.ToLower(norm.NFC.String(text))) }

func status(active bool) string {
	if active {
		return "active"
	}
	return "suspended"
}

// patch is the body of a PATCH, of which operations on attributes with one value are understood.
type patch struct {
	Operations []struct {
		Op    string          `json:"op"`
		Path  string          `json:"path"`
		Value json.RawMessage `json:"value"`
	} `json:"Operations"`
}

func (p *patch) apply(attributes *Attributes) error {
	for _, operation := range p.Operations {
		if op := strings.ToLower(operation.Op); op != "replace" && op != "add" {
			return &refusal{400, "invalidSyntax", "op: must be add or replace"}
		}
		if operation.Path == "" { // the attributes are the value's
			if err := json.Unmarshal(operation.Value, attributes); err != nil {
				return &refusal{400, "invalidValue", err.Error()}
			}
			continue
		}
		var into any
		switch strings.ToLower(operation.Path) {
		case "active":
			if text := ""; json.Unmarshal(operation.Value, &text) == nil { // Entra sends "True" and "False"
				operation.Value = []byte(strings.ToLower(text))
			}
			into = &attributes.Active
		case "username":
			into = &attributes.UserName
		case "externalid":
			into = &attributes.ExternalID
		case "displayname":
			into = &attributes.DisplayName
		case "title":
			into = &attributes.Title
		default:
			return &refusal{400, "invalidPath", operation.Path + ": cannot be changed"}
		}
		if err := json.Unmarshal(operation.Value, into); err != nil {
			return &refusal{400, "invalidValue", operation.Path + ": " + err.Error()}
		}
	}
	return nil
}

// changed returns the user after the patch, and what differs by attribute; nothing if nothing does.
func (u ScimUser) changed(p *patch) (after ScimUser, attributes Attributes, changes map[string][2]any, err error) {
	var before Attributes
	if err = errors.Join(json.Unmarshal(u.Document, &before), json.Unmarshal(u.Document, &attributes)); err != nil {
		return u, attributes, nil, err
	}
	if err = p.apply(&attributes); err != nil {
		return u, attributes, nil, err
	}
	after = u
	if err = attributes.into(&after); err != nil || bytes.Equal(after.Document, u.Document) {
		return u, attributes, nil, err
	}
	old, now := map[string]any{}, map[string]any{}
	if err = errors.Join(json.Unmarshal(u.Document, &old), json.Unmarshal(after.Document, &now)); err != nil {
		return u, attributes, nil, err
	}
	changes = map[string][2]any{}
	for name := range now {
		if fmt.Sprint(old[name]) != fmt.Sprint(now[name]) {
			changes[name] = [2]any{old[name], now[name]}
		}
	}
	after.Version++
	after.UpdatedAt = time.Now().UTC().Truncate(time.Microsecond)
	if !after.UpdatedAt.After(u.UpdatedAt) {
		after.UpdatedAt = u.UpdatedAt.Add(time.Microsecond)
	}
	return after, attributes, changes, nil
}

// valuesDiffer says whether what filters look into has changed.
func valuesDiffer(changes map[string][2]any) bool {
	for name := range changes {
		if name != "active" && name != "status" && name != "userName" && name != "externalId" {
			return true
		}
	}
	return false
}

// appendJSON appends the resource: what is stored ready is put together, not parsed and made again.
func (u ScimUser) appendJSON(to []byte, base string) []byte {
	to = fmt.Appendf(to, `{"id":%q,`, u.ID)
	to = append(to, u.Document[1:len(u.Document)-1]...)
	for i, group := range u.Groups {
		to = append(to, map[bool]string{true: `,"groups":[`, false: `,`}[i == 0]...)
		name, _ := json.Marshal(group.DisplayName)
		to = fmt.Appendf(to, `{"value":%q,"$ref":"%s/Groups/%s","display":%s,"type":"direct"}`, group.ID, base, group.ID, name)
	}
	if len(u.Groups) > 0 {
		to = append(to, ']')
	}
	const instant = "2006-01-02T15:04:05.000000Z"
	return fmt.Appendf(to, `,"meta":{"resourceType":"User","created":%q,"lastModified":%q,"location":"%s/Users/%s","version":"W/\"%d\""}}`,
		u.CreatedAt.UTC().Format(instant), u.UpdatedAt.UTC().Format(instant), base, u.ID, u.Version)
}
