{{/* What runs, by its name: where its values stand, its port, whether it has a database, how many minutes a start may take. */}}
{{- define "maru.apps" -}}
api-users: { values: apiUsers, port: 3301, database: true, startMinutes: 10 }
api-auth: { values: apiAuth, port: 3302, database: true, startMinutes: 10 }
api-chat: { values: apiChat, port: 3303, database: true, startMinutes: 60 }
gateway: { values: gateway, port: 3310, database: false, startMinutes: 2 }
{{- if or .Values.router.enabled (eq .Values.delivery "routed") }}
router: { values: router, port: 3306, database: false, startMinutes: 2 }
{{- end }}
{{- end }}

{{/* Of (dict "root" $ "app" "gateway"): what a pod is found by. */}}
{{- define "maru.selector" -}}
app.kubernetes.io/name: maru
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .app }}
{{- end }}

{{- define "maru.labels" -}}
{{ include "maru.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{- define "maru.secret" -}}
{{ required "secret.name must be set: a Secret with internal-secret and a database URL for each api-*; see docs/kubernetes.md" .Values.secret.name }}
{{- end }}

{{/* The Secret with the authority that signs the brokers' certificates; empty: there is none. */}}
{{- define "maru.kafkaCa" -}}
{{- if .Values.kafka.strimzi }}{{ .Release.Name }}-cluster-ca-cert
{{- else if .Values.kafka.external.ssl }}{{ .Values.kafka.external.caSecret }}
{{- end }}
{{- end }}

{{- define "maru.saslMechanism" -}}
{{ .Values.kafka.strimzi | ternary "scram-sha-512" .Values.kafka.external.saslMechanism }}
{{- end }}

{{- define "maru.kafkaBrokers" -}}
{{- if .Values.kafka.strimzi }}{{ .Release.Name }}-kafka-bootstrap:9093
{{- else }}{{ required "kafka.external.brokers must be set with kafka.strimzi: false" .Values.kafka.external.brokers }}
{{- end }}
{{- end }}

{{/* Of (dict "root" $ "app" "gateway"): how long it may take to end. */}}
{{- define "maru.shutdownMs" -}}
{{- eq .app "gateway" | ternary (add .root.Values.shutdownTimeoutMs .root.Values.gateway.drainMs) .root.Values.shutdownTimeoutMs }}
{{- end }}

{{/* Of (dict "root" $ "app" "gateway" "is" (its line of maru.apps)): settings that are no secret, as a map. */}}
{{- define "maru.settings" -}}
{{- $values := .root.Values }}
NODE_ENV: production
PORT: {{ .is.port }}
SHUTDOWN_TIMEOUT_MS: {{ include "maru.shutdownMs" . }}
USERS_URL: http://{{ .root.Release.Name }}-api-users:3301
AUTH_URL: http://{{ .root.Release.Name }}-api-auth:3302
CHAT_URL: http://{{ .root.Release.Name }}-api-chat:3303
KAFKA_BROKERS: {{ include "maru.kafkaBrokers" .root }}
KAFKA_REPLICATION_FACTOR: {{ $values.kafka.replicationFactor }}
KAFKA_MIN_INSYNC_REPLICAS: {{ $values.kafka.minInsyncReplicas }}
CHAT_PARTITIONS: {{ $values.kafka.partitions.chat }}
EVENT_PARTITIONS: {{ $values.kafka.partitions.event }}
REPLY_PARTITIONS: {{ $values.kafka.partitions.reply }}
GATEWAY_SLOTS: {{ $values.kafka.partitions.gatewaySlots }}
KAFKA_SSL: {{ or $values.kafka.strimzi $values.kafka.external.ssl }}
{{- if include "maru.kafkaCa" .root }}
KAFKA_SSL_CA_FILE: /etc/maru/kafka/ca.crt
{{- end }}
{{- with include "maru.saslMechanism" .root }}
KAFKA_SASL_MECHANISM: {{ . }}
KAFKA_SASL_USERNAME: {{ $.app }}
{{- end }}
{{- if eq .app "gateway" }}
DRAIN_MS: {{ $values.gateway.drainMs | int }}
{{- $tls := ne $values.gateway.tlsSecret "" }}
DELIVERY: {{ $values.delivery }}
CORS_ORIGINS: {{ $values.gateway.corsOrigins | quote }}
TRUSTED_PROXIES: {{ include "maru.trustedProxies" .root | quote }}
WEB_PAGE: {{ $values.gateway.webPage | ternary "on" "off" | quote }}
MQTT_PORT: {{ and $values.mqtt.enabled $values.mqtt.plain | ternary "1883" "off" | quote }}
MQTT_TLS_PORT: {{ and $values.mqtt.enabled $tls | ternary "8883" "off" | quote }}
{{- if $tls }}
TLS_CERT_FILE: /etc/maru/tls/tls.crt
TLS_KEY_FILE: /etc/maru/tls/tls.key
{{- end }}
{{- end }}
{{- end }}

{{- define "maru.trustedProxies" -}}
{{- if .Values.ingress.enabled }}
{{- required "gateway.trustedProxies must be set with ingress.enabled: the addresses of the ingress controller's pods, such as 10.0.0.0/8; else all clients count as one in the limits" .Values.gateway.trustedProxies }}
{{- else }}{{ .Values.gateway.trustedProxies }}
{{- end }}
{{- end }}

{{/* The environment of an app's container. */}}
{{- define "maru.environment" -}}
{{- $own := index .root.Values .is.values }}
{{- $settings := merge (dict) $own.env .root.Values.env (include "maru.settings" . | fromYaml) }}
{{- range list "DRAIN_MS" "SHUTDOWN_TIMEOUT_MS" }}
{{- if or (hasKey $own.env .) (hasKey $.root.Values.env .) }}
{{- fail (printf "%s comes of gateway.drainMs and shutdownTimeoutMs, by which pods get the time to end" .) }}
{{- end }}
{{- end }}
{{- range $name, $value := $settings }}
{{- if regexMatch "SECRET|PASSWORD|DATABASE_URL|OTLP.*HEADERS" $name }}
{{- fail (printf "%s is a secret: put it into the Secret, and name its key in secretEnv" $name) }}
{{- end }}
- name: {{ $name }}
  value: {{ kindIs "string" $value | ternary $value (toJson $value) | quote }}
{{- end }}
{{- $secret := include "maru.secret" .root }}
{{- $keys := dict "INTERNAL_SECRET" "internal-secret" }}
{{- if .is.database }}
{{- $_ := set $keys "DATABASE_URL" (printf "%s-database-url" .app) }}
{{- end }}
{{- range $name, $key := merge $keys $own.secretEnv }}
- name: {{ $name }}
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: {{ $key }} } }
{{- end }}
{{- if .root.Values.kafka.strimzi }}
- name: KAFKA_SASL_PASSWORD
  valueFrom: { secretKeyRef: { name: {{ .app }}, key: password } }
{{- else if include "maru.saslMechanism" .root }}
- name: KAFKA_SASL_PASSWORD
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: {{ .app }}-kafka-password } }
{{- end }}
{{- end }}
