{{/* What all names begin with: short, because a name has at most 63 letters. */}}
{{- define "millrace.fullname" -}}
{{- $name := ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) -}}
{{- $name | trunc 30 | trimSuffix "-" -}}
{{- end }}

{{/* The name of everything of one service: (list $ "gateway"). */}}
{{- define "millrace.name" -}}
{{ printf "%s-%s" (include "millrace.fullname" (index . 0)) (index . 1) | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* What selects the pods of one service: (list $ "gateway"). */}}
{{- define "millrace.selector" -}}
app.kubernetes.io/name: {{ (index . 0).Chart.Name }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* The metadata of everything of one service: (list $ "gateway"). */}}
{{- define "millrace.metadata" -}}
{{- $root := index . 0 -}}
name: {{ include "millrace.name" . }}
namespace: {{ $root.Release.Namespace }}
labels:
  {{- include "millrace.selector" . | nindent 2 }}
  app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
  app.kubernetes.io/managed-by: {{ $root.Release.Service }}
  helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* What scales a service: "cpu", "lag", or nothing; (list $ "gateway" $service). Refuses what contradicts itself. */}}
{{- define "millrace.scaledBy" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $service := index . 2 -}}
{{- $byCpu := dig "autoscaling" "enabled" false $service -}}
{{- $byLag := and $root.Values.keda.enabled (hasKey $service "keda") -}}
{{- if and $byCpu $byLag -}}
{{- fail (printf "services.%s: has autoscaling and keda; two scalers of one service work against each other" $name) -}}
{{- end -}}
{{- if and (hasKey $service "persistence") (or $byCpu $byLag (gt (int $service.replicas) 1)) -}}
{{- fail (printf "services.%s: writes to a volume of its own, so it has one replica and no scaler" $name) -}}
{{- end -}}
{{- if $byCpu }}cpu{{ else if $byLag }}lag{{ end -}}
{{- end }}

{{/* How services are asked: "http", or "https" where they have a certificate. */}}
{{- define "millrace.scheme" -}}
{{ ternary "https" "http" (ne .Values.tls.existingSecret "") }}
{{- end }}

{{/* The console's address. */}}
{{- define "millrace.console" -}}
{{- $console := .Values.services.console | default dict -}}
{{- if .Values.keda.consoleUrl -}}
{{ trimSuffix "/" .Values.keda.consoleUrl }}
{{- else if and .Values.tls.existingSecret .Values.tls.clientCa -}}
{{- fail "keda.enabled: KEDA shows the console no certificate, as tls.clientCa demands; set keda.consoleUrl to a proxy that does" -}}
{{- else if $console.enabled -}}
{{ include "millrace.scheme" . }}://{{ include "millrace.name" (list . "console") }}.{{ .Release.Namespace }}.svc:{{ $console.port }}
{{- else -}}
{{- fail "keda.enabled: lag is asked of the console; set services.console.enabled, or keda.consoleUrl" -}}
{{- end -}}
{{- end }}

{{/* Ports of a rule of a NetworkPolicy. */}}
{{- define "millrace.ports" -}}
{{- range . }}
- { port: {{ . }}, protocol: TCP }
{{- end }}
{{- end }}

{{/* Rules of egress: those of DNS, and of each target. (list dns redis …) */}}
{{- define "millrace.egress" -}}
{{- $dns := first . -}}
- ports:
    {{- range $dns.ports }}
    - { port: {{ . }}, protocol: UDP }
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
  to:
    {{- toYaml $dns.to | nindent 4 }}
{{- range rest . }}
- ports:
    {{- include "millrace.ports" .ports | trim | nindent 4 }}
  to:
    {{- toYaml .to | nindent 4 }}
{{- end }}
{{- end }}
