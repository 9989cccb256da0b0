{{- define "orgplane.name" -}}
{{- $name := ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) -}}
{{ $name | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "orgplane.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "orgplane.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{ include "orgplane.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "orgplane.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* What is the same in both containers of a pod. */}}
{{- define "orgplane.container" -}}
image: {{ include "orgplane.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
env:
  - name: ORGPLANE_DATABASE_URL
    valueFrom:
      secretKeyRef:
        name: {{ .Values.database.secret }}
        key: {{ .Values.database.key }}
  - name: ORGPLANE_SECRET_KEY_FILE
    value: /etc/orgplane/secret.key
  - name: ORGPLANE_PUBLIC_URL
    value: {{ required "publicUrl: where do clients reach the server?" .Values.publicUrl }}
  - name: ORGPLANE_DRAIN_GRACE
    value: {{ .Values.drainGrace | toJson | quote }}
  {{- if .Values.metrics.enabled }}
  - name: ORGPLANE_METRICS_LISTEN
    value: 0.0.0.0:{{ .Values.metrics.port }}
  {{- end }}
  {{- range $name, $value := .Values.settings }}
  {{- if not (kindIs "invalid" $value) }}
  - name: ORGPLANE_{{ $name | upper | replace "-" "_" }}
    {{- if kindIs "slice" $value }}
    value: {{ join "," $value | quote }}
    {{- else if kindIs "string" $value }}
    value: {{ $value | quote }}
    {{- else }}
    value: {{ $value | toJson | quote }}
    {{- end }}
  {{- end }}
  {{- end }}
  {{- with .Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - name: tmp
    mountPath: /tmp
  - name: secret-key
    mountPath: /etc/orgplane
    readOnly: true
{{- end }}
