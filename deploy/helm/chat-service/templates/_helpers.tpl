{{/* Every helper takes a dict: root (the chart's context), name (of the app, as its image), app (its values). */}}

{{- define "chat.fullname" -}}
{{- printf "%s-%s" .root.Release.Name .name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "chat.selector" -}}
app.kubernetes.io/name: chat-service
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{- define "chat.labels" -}}
{{ include "chat.selector" . }}
app.kubernetes.io/version: {{ include "chat.tag" . | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{/* While a release is replaced in steps, apps of later steps have the tag of before. */}}
{{- define "chat.tag" -}}
{{- $replace := .root.Values.replace -}}
{{- $ofAll := .root.Values.image.tag | default .root.Chart.AppVersion -}}
{{- if and $replace.from (gt (include "chat.step" . | int) (int $replace.step)) }}{{ $ofAll = $replace.from }}{{ end -}}
{{- .app.image.tag | default $ofAll -}}
{{- end -}}

{{- define "chat.image" -}}
{{- printf "%s/%s:%s" .root.Values.image.repository (.image | default .name) (include "chat.tag" .) -}}
{{- end -}}

{{/* Variables from the Secret; an optional one that is among the settings, as the path of a file may be, is taken from there. */}}
{{- define "chat.secretEnv" -}}
{{- $secret := .app.existingSecret | default .root.Values.existingSecret | required "existingSecret is required: the name of a Secret with DATABASE_URL, REDIS_URL and the key of tokens" -}}
{{- range .app.secrets.required -}}
- name: {{ . }}
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: {{ . }} } }
{{ end }}
{{- $given := merge (dict) (.app.settings | default dict) .root.Values.settings -}}
{{- range .app.secrets.optional -}}
{{- if not (hasKey $given .) -}}
- name: {{ . }}
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: {{ . }}, optional: true } }
{{ end -}}
{{ end -}}
{{- end -}}

{{/* Partitions of the topics that differ from the defaults; those of chat-messages always stand here. */}}
{{- define "chat.topicLayout" -}}
{{- $chat := printf "chat-messages:%d" (int .root.Values.kafka.chatMessagesPartitions) -}}
{{- with .root.Values.kafka.topicLayout }}{{ printf "%s,%s" $chat . }}{{ else }}{{ $chat }}{{ end -}}
{{- end -}}

{{/* A setting of an app wins over one of all apps, and what the chart works out for itself over both. */}}
{{- define "chat.env" -}}
{{- $kafka := .root.Values.kafka -}}
{{- $own := dict
  "INTERNAL_PORT" .app.ports.internal
  "KAFKA_BROKERS" (required "kafka.brokers is required: host:port,…" $kafka.brokers)
  "KAFKA_REPLICAS" $kafka.replicas
  "KAFKA_CREATE_TOPICS" $kafka.createTopics
  "KAFKA_TOPIC_LAYOUT" (include "chat.topicLayout" .)
-}}
{{- with .app.ports.public }}{{ $_ := set $own "PORT" . }}{{ end -}}
{{- if and .root.Values.ingress.enabled .app.ports.public }}
{{- $_ := set $own "TRUSTED_PROXIES" (required "ingress.trustedProxies is required where the ingress is enabled: the addresses or networks of the controller's pods, else all clients have one address, and its limits" .root.Values.ingress.trustedProxies) }}
{{- end -}}
{{- with $kafka.topicPrefix }}{{ $_ := set $own "KAFKA_TOPIC_PREFIX" . }}{{ end -}}
{{- if and .root.Values.redis.keyPrefix (has "REDIS_URL" .app.secrets.required) }}{{ $_ := set $own "REDIS_KEY_PREFIX" .root.Values.redis.keyPrefix }}{{ end -}}
- name: INSTANCE_ID
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
{{- if eq .name "ws-gateway" }}
- name: INTERNAL_HOST
  valueFrom: { fieldRef: { fieldPath: status.podIP } }
{{- end }}
{{- range $name, $value := merge $own .app.settings .root.Values.settings }}
- name: {{ $name }}
  value: {{ include "chat.text" $value | quote }}
{{- end }}
{{ include "chat.secretEnv" . }}
{{- end -}}

{{/* YAML makes 1209600000 a float, and Go would print it as 1.2096e+09. */}}
{{- define "chat.text" -}}
{{- if kindIs "float64" . }}{{ if eq . (floor .) }}{{ int64 . }}{{ else }}{{ . }}{{ end }}{{ else }}{{ . }}{{ end -}}
{{- end -}}

{{- define "chat.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "chat.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- define "chat.deployment" -}}
{{- $drain := .root.Values.drain -}}
{{- if gt (add $drain.preStopSeconds $drain.seconds) (int64 $drain.graceSeconds) -}}
{{- fail (printf "drain.graceSeconds (%d) must be at least preStopSeconds + seconds (%d): else apps are killed while they drain" (int $drain.graceSeconds) (add $drain.preStopSeconds $drain.seconds)) -}}
{{- end -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "chat.fullname" . }}
  labels: {{- include "chat.labels" . | nindent 4 }}
  annotations:
    # Argo CD asks no cluster while it renders: it replaces one wave after the other.
    argocd.argoproj.io/sync-wave: {{ include "chat.step" . | quote }}
spec:
  {{- if not .isScaled }}
  replicas: {{ .app.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  # Nobody goes before who comes is ready.
  strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  selector:
    matchLabels: {{- include "chat.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "chat.labels" . | nindent 8 }}
      {{- with .root.Values.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ $drain.graceSeconds }}
      securityContext: {{- include "chat.podSecurity" . | nindent 8 }}
      {{- with .root.Values.image.pullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .root.Values.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .root.Values.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      topologySpreadConstraints:
        {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
        - maxSkew: 1
          topologyKey: {{ $key }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- include "chat.selector" $ | nindent 14 }}
          matchLabelKeys: [pod-template-hash]
        {{- end }}
      containers:
        - name: {{ .name }}
          image: {{ include "chat.image" . | quote }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          securityContext: {{- include "chat.containerSecurity" . | nindent 12 }}
          env: {{- include "chat.env" . | trim | nindent 12 }}
          ports:
            {{- with .app.ports.public }}
            - { name: public, containerPort: {{ . }} }
            {{- end }}
            - { name: internal, containerPort: {{ .app.ports.internal }} }
          startupProbe:
            httpGet: { path: /livez, port: internal }
            periodSeconds: 2
            timeoutSeconds: 3
            failureThreshold: 60
          livenessProbe:
            httpGet: { path: /livez, port: internal }
            periodSeconds: 10
            timeoutSeconds: 3
            failureThreshold: 3
          # Checks of dependencies take up to 2 s.
          readinessProbe:
            httpGet: { path: /readyz, port: internal }
            periodSeconds: 5
            timeoutSeconds: 4
            failureThreshold: 2
          lifecycle:
            preStop: { exec: { command: [sleep, {{ $drain.preStopSeconds | quote }}] } }
          resources: {{- toYaml .app.resources | nindent 12 }}
          {{- with .root.Values.extraVolumeMounts }}
          volumeMounts: {{- toYaml . | nindent 12 }}
          {{- end }}
      {{- with .root.Values.extraVolumes }}
      volumes: {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end -}}

{{/* The Service of a listener: public or internal. */}}
{{- define "chat.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "chat.fullname" . }}{{ if eq .listener "internal" }}-internal{{ end }}
  labels:
    {{- include "chat.labels" . | nindent 4 }}
    chat-service/listener: {{ .listener }}
spec:
  type: ClusterIP
  selector: {{- include "chat.selector" . | nindent 4 }}
  ports:
    - { name: {{ .listener }}, port: {{ index .app.ports .listener }}, targetPort: {{ .listener }} }
{{- end -}}

{{- define "chat.podDisruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "chat.fullname" . }}
  labels: {{- include "chat.labels" . | nindent 4 }}
spec:
  maxUnavailable: {{ .root.Values.podDisruptionBudget.maxUnavailable }}
  # One that is not ready keeps no node from being emptied.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "chat.selector" . | nindent 6 }}
{{- end -}}

{{/* What may reach an app: its public port whoever, or who is named; its internal port this namespace and who is named. */}}
{{- define "chat.networkPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "chat.fullname" . }}
  labels: {{- include "chat.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "chat.selector" . | nindent 6 }}
  policyTypes: [Ingress]
  ingress:
    {{- if .app.ports.public }}
    - ports: [{ protocol: TCP, port: public }]
      {{- with .root.Values.networkPolicy.publicFrom }}
      from: {{- toYaml . | nindent 8 }}
      {{- end }}
    {{- end }}
    - ports: [{ protocol: TCP, port: internal }]
      from:
        - podSelector: {}
        {{- with .root.Values.networkPolicy.internalFrom }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
{{- end -}}

{{/* What every app has. */}}
{{- define "chat.app" -}}
{{ include "chat.deployment" . }}
---
{{ include "chat.service" (merge (dict "listener" "internal") .) }}
{{- if .app.ports.public }}
---
{{ include "chat.service" (merge (dict "listener" "public") .) }}
{{- end }}
---
{{ include "chat.podDisruptionBudget" . }}
{{- if .root.Values.networkPolicy.enabled }}
---
{{ include "chat.networkPolicy" . }}
{{- end }}
{{- end -}}

{{/* The pod of a job: app as above, command, env as text. */}}
{{- define "chat.jobPod" -}}
metadata:
  labels: {{- include "chat.labels" . | nindent 4 }}
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  enableServiceLinks: false
  securityContext: {{- include "chat.podSecurity" . | nindent 4 }}
  {{- with .root.Values.image.pullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: {{ .name }}
      image: {{ include "chat.image" . | quote }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      command: {{- toJson .command | nindent 8 }}
      securityContext: {{- include "chat.containerSecurity" . | nindent 8 }}
      env: {{- .env | trim | nindent 8 }}
      resources: {{- toYaml .app.resources | nindent 8 }}
      {{- with .root.Values.extraVolumeMounts }}
      volumeMounts: {{- toYaml . | nindent 8 }}
      {{- end }}
  {{- with .root.Values.extraVolumes }}
  volumes: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
