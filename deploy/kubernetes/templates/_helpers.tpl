{{/* Each takes (dict "root" $ "name" name "component" service|job|database|…). */}}

{{- define "mart.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{/* Without the version: another one must not start the databases anew. */}}
{{- define "mart.podLabels" -}}
{{ include "mart.selector" . }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/part-of: ai-mart
{{- end }}

{{- define "mart.labels" -}}
{{ include "mart.podLabels" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/version: {{ include "mart.tag" .root | quote }}
{{- end }}

{{- define "mart.tag" -}}
{{ .Values.images.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "mart.image" -}}
image: {{ printf "%s/%s:%s" .root.Values.images.prefix .image (include "mart.tag" .root) | quote }}
imagePullPolicy: {{ .root.Values.images.pullPolicy }}
{{- end }}

{{/* What every pod has. `user` is the image's own, by number: a name cannot be known not to be root. */}}
{{- define "mart.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false # KAFKA_PORT and the like would be settings
# An answer that got lost is asked for again after 1 s: of the 5 s that it takes by itself, a new replica did nothing.
dnsConfig: { options: [{ name: timeout, value: '1' }, { name: attempts, value: '5' }] }
{{- with .root.Values.images.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .user | default 1000 }}
  runAsGroup: {{ .user | default 1000 }}
  fsGroup: {{ .user | default 1000 }}
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "mart.restricted" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: {{ not .writes }}
  capabilities: { drop: [ALL] }
{{- end }}

{{/* The Secret and the key of a service's database address. */}}
{{- define "mart.databaseKey" -}}
{{- if .root.Values.cloudNativePG.enabled -}}
{ name: {{ .name }}-db-app, key: uri }
{{- else -}}
{ name: {{ .name }}-database, key: url }
{{- end -}}
{{- end }}

{{- define "mart.eventLog" -}}
{{- if .Values.trial.enabled -}}
kafka://kafka.{{ .Release.Namespace }}.svc:9092
{{- else if .Values.strimzi.enabled -}}
kafka://mart-kafka-bootstrap.{{ .Release.Namespace }}.svc:9092
{{- else -}}
{{ required "eventLog.url is not set: kafka://host:9092 (or trial.enabled, strimzi.enabled)" .Values.eventLog.url }}
{{- end -}}
{{- end }}

{{/* Settings of every service and the gateway. */}}
{{- define "mart.settings" -}}
{{- $settings := dict
  "HOST" "0.0.0.0"
  "NODE_ENV" (ternary "development" "production" .Values.trial.enabled)
  "JWKS_URL" (printf "http://user:%v/.well-known/jwks.json" .Values.services.user.port)
  "EVENT_LOG_URL" (include "mart.eventLog" .)
  "KAFKA_REPLICATION" (ternary 1 (.Values.eventLog.replication | int) .Values.trial.enabled)
  "DRAIN_SECONDS" .Values.drainSeconds -}}
{{- if .Values.trial.enabled -}}
{{- $settings = mergeOverwrite $settings (dict "SMTP_URL" "smtp://mailpit:1025" "PAYMENT_METHODS" "payfast,stripe,cash_on_delivery") -}}
{{- end -}}
{{- range $key, $value := mergeOverwrite $settings .Values.settings }}
{{ $key }}: {{ $value | toString | quote }}
{{- end }}
{{- end }}

{{/* Where a browser reaches the shop: the gateway is told, whoever writes mails, and who sends buyers back. */}}
{{- define "mart.shopUrl" -}}
{{- $ingress := .Values.ingress -}}
{{- if .Values.gateway.settings.SHOP_URL -}}
SHOP_URL: {{ .Values.gateway.settings.SHOP_URL | quote }}
{{- else if .Values.trial.enabled -}}
SHOP_URL: {{ .Values.trial.shopUrl | quote }}
{{- else if $ingress.hosts.gateway -}}
SHOP_URL: {{ printf "%s://%s" (ternary "https" "http" (not (empty $ingress.tlsSecret))) $ingress.hosts.gateway | quote }}
{{- end -}}
{{- end }}

{{/* Settings of one service, or of the gateway, beside those of all. */}}
{{- define "mart.ownSettings" -}}
{{- $trial := .root.Values.trial -}}
{{- $settings := dict "PORT" .service.port -}}
{{- if eq .name "user" -}}
{{- $_ := set $settings "MART_ADMIN_EMAIL" "admin@mart.local" -}}
{{- if $trial.enabled -}}
{{- $_ := set $settings "USER_URL" $trial.userUrl -}}
{{- end -}}
{{- else if eq .name "gateway" -}}
{{- range $name, $service := .root.Values.services -}}
{{- $_ := set $settings (printf "%s_SERVICE_URL" (upper $name)) (printf "http://%s:%v" $name $service.port) -}}
{{- end -}}
{{- else if and $trial.enabled (eq .name "payment") -}}
{{- $checkout := "/payfast/Ecommerce/api/Transaction" -}}
{{- $settings = mergeOverwrite $settings (dict
  "PUBLIC_URL" $trial.payUrl
  "WEBHOOK_URL" (printf "http://payment:%v/webhooks" .service.port)
  "MART_PROVIDERS" "simulated"
  "STRIPE_API_URL" "http://simulators:8010"
  "PAYFAST_API_URL" "http://simulators:8010/payfast/api"
  "PAYFAST_CHECKOUT_URL" (print "http://simulators:8010" $checkout)
  "PAYFAST_PAGE_URL" (print $trial.simulatorsUrl $checkout)) -}}
{{- end -}}
{{- if has .name (list "gateway" "notification" "payment" "user") -}}
{{- $settings = mergeOverwrite $settings (fromYaml (include "mart.shopUrl" .root)) -}}
{{- end -}}
{{- range $key, $value := mergeOverwrite $settings .service.settings }}
{{ $key }}: {{ $value | toString | quote }}
{{- end }}
{{- end }}

{{- define "mart.tmp" -}}
volumeMounts: [{ name: tmp, mountPath: /tmp }]
{{- end }}

{{/* A Service, balanced over what its selector finds. */}}
{{- define "mart.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}
  labels: {{- include "mart.labels" . | nindent 4 }}
spec:
  {{- $nodePort := index .root.Values.nodePorts .name }}
  type: {{ ternary "NodePort" "ClusterIP" (not (empty $nodePort)) }}
  selector: {{- include "mart.selector" . | nindent 4 }}
  ports:
    {{- range $port, $number := .ports }}
    - name: {{ $port }}
      port: {{ $number }}
      targetPort: {{ $port }}
      {{- if and $nodePort (eq $port "http") }}
      nodePort: {{ $nodePort }}
      {{- end }}
    {{- end }}
{{- end }}
