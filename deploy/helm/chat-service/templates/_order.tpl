{{/* The order of replacement (docs/deployment.md): what is new in records must be storable before it is sent. */}}

{{/* The step in which an app is replaced; the migration comes before all of them. */}}
{{- define "chat.step" -}}
{{- get (dict "migrate" 0 "message-persister" 1 "open-log-epoch" 1 "rooms-api" 2 "presence-worker" 2 "ws-gateway" 3) .name -}}
{{- end -}}

{{/* The apps by their names, as JSON of a list of dicts without root. */}}
{{- define "chat.apps" -}}
{{- list
  (dict "name" "message-persister" "app" .Values.messagePersister)
  (dict "name" "rooms-api" "app" .Values.roomsApi)
  (dict "name" "presence-worker" "app" .Values.presenceWorker)
  (dict "name" "ws-gateway" "app" .Values.wsGateway)
| toJson -}}
{{- end -}}

{{- define "chat.howToReplace" -}}
replace one step after the other with replace.from (the tag of before) and replace.step (1 message-persister, 2 rooms-api and presence-worker, 3 ws-gateway), see docs/deployment.md; replace.anyOrder=true where a release says that it needs none
{{- end -}}

{{/* Refuses what the values alone show to be out of order. Tags that are no versions are not compared. */}}
{{- define "chat.checkTags" -}}
{{- $version := `^v?[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$` -}}
{{- $apps := include "chat.apps" . | fromJsonArray -}}
{{- if .Values.migrate.enabled -}}
{{- $apps = prepend $apps (dict "name" "migrate" "app" .Values.migrate) -}}
{{- end -}}
{{- range $before := $apps -}}
{{- range $after := $apps -}}
{{- $earlier := include "chat.tag" (merge (dict "root" $) $before) -}}
{{- $later := include "chat.tag" (merge (dict "root" $) $after) -}}
{{- if and (lt (include "chat.step" $before | int) (include "chat.step" $after | int)) (regexMatch $version $earlier) (regexMatch $version $later) -}}
{{- if lt ((semver $earlier).Compare (semver $later)) 0 -}}
{{- fail (printf "%s would run %s and %s only %s, which has to be replaced before it: %s" $after.name $later $before.name $earlier (include "chat.howToReplace" $)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Refuses to change the images of two steps at once, or of one while another is still being replaced, as far as Helm sees the cluster. */}}
{{- define "chat.checkRollout" -}}
{{- $changed := list -}}
{{- $unfinished := list -}}
{{- range $one := include "chat.apps" . | fromJsonArray -}}
{{- $app := merge (dict "root" $) $one -}}
{{- $running := lookup "apps/v1" "Deployment" $.Release.Namespace (include "chat.fullname" $app) -}}
{{- if $running -}}
{{- $status := $running.status | default dict -}}
{{- $updated := int $status.updatedReplicas -}}
{{- if ne (first $running.spec.template.spec.containers).image (include "chat.image" $app) -}}
{{- $changed = append $changed $app -}}
{{- else if or (lt (int $status.observedGeneration) (int $running.metadata.generation)) (lt $updated (int $running.spec.replicas)) (gt (int $status.replicas) $updated) -}}
{{- $unfinished = append $unfinished $app -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $one := $changed -}}
{{- range $other := concat $changed $unfinished -}}
{{- if ne (include "chat.step" $one) (include "chat.step" $other) -}}
{{- fail (printf "%s and %s would be replaced at the same time: %s" $one.name $other.name (include "chat.howToReplace" $)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
