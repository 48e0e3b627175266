// Prints ../go-facts.json: what Kubernetes' Go types say of each field and the models of @kubernetes/client-node do not.
// A line is the field's name, Go's type, then o (omitempty), z (omitzero) and KEY=VALUE facts: patch and key (the tags of
// strategic merge patch), list, keys and map (x-kubernetes-* of the OpenAPI document), in (the embedded struct), pb and
// inpb (the numbers of the field and of the embedded struct in the protobuf form). Beside the lines stands the package of
// each type, since OpenAPI names types by it.
//
// Usage, with the models' folder and api/openapi-spec/swagger.json of the same Kubernetes release:
//
//	go mod tidy && go run . MODELS_FOLDER SWAGGER_JSON > ../go-facts.json
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"reflect"
	"sort"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	networkingv1 "k8s.io/api/networking/v1"
	nodev1 "k8s.io/api/node/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

type swagger struct {
	Definitions map[string]struct {
		Properties map[string]map[string]any `json:"properties"`
	} `json:"definitions"`
}

func main() {
	models := map[string]bool{}
	entries, err := os.ReadDir(os.Args[1])
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		models[strings.TrimSuffix(e.Name(), ".js")] = true
	}
	var sw swagger
	raw, err := os.ReadFile(os.Args[2])
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(raw, &sw); err != nil {
		panic(err)
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		admissionregistrationv1.AddToScheme, appsv1.AddToScheme, authenticationv1.AddToScheme, authorizationv1.AddToScheme,
		autoscalingv1.AddToScheme, autoscalingv2.AddToScheme, batchv1.AddToScheme, certificatesv1.AddToScheme,
		coordinationv1.AddToScheme, corev1.AddToScheme, discoveryv1.AddToScheme, eventsv1.AddToScheme,
		flowcontrolv1.AddToScheme, networkingv1.AddToScheme, nodev1.AddToScheme, policyv1.AddToScheme, rbacv1.AddToScheme,
		schedulingv1.AddToScheme, storagev1.AddToScheme, apiextensionsv1.AddToScheme, apiregistrationv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	// Types that write themselves (times, quantities, IntOrString) have no fields of their own.
	marshaler := reflect.TypeFor[json.Marshaler]()
	out := map[string][]string{}
	packages := map[string]string{}
	seen := map[reflect.Type]bool{}
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || seen[t] || t.Implements(marshaler) || reflect.PointerTo(t).Implements(marshaler) {
			return
		}
		seen[t] = true
		// k8s.io/api/core/v1 → group Core, version V1
		version := path.Base(t.PkgPath())
		group := path.Base(path.Dir(t.PkgPath()))
		def := "io.k8s." + strings.ReplaceAll(strings.TrimPrefix(t.PkgPath(), "k8s.io/"), "/", ".") + "." + t.Name()
		// A name that two groups share carries its group; models of older releases may lie beside it without.
		name := title(group) + title(version) + t.Name()
		if !models[name] {
			name = title(version) + t.Name()
		}
		lines, children := fields(t, sw.Definitions[def].Properties)
		for _, c := range children {
			visit(c)
		}
		if models[name] {
			out[name] = lines
			packages[name] = strings.ReplaceAll(strings.TrimPrefix(t.PkgPath(), "k8s.io/"), "/", ".")
		}
	}
	for gvk, t := range scheme.AllKnownTypes() {
		if gvk.Version == "__internal" || strings.HasSuffix(gvk.Kind, "Options") && gvk.Kind != "DeleteOptions" || gvk.Kind == "WatchEvent" {
			continue
		}
		visit(t)
	}
	visit(reflect.TypeOf(metav1.Status{}))
	names := make([]string, 0, len(out))
	for n := range out {
		names = append(names, n)
	}
	sort.Strings(names)
	fmt.Println(`{"packages":{`)
	for i, n := range names {
		fmt.Printf("%q:%q%s\n", n, packages[n], comma(i, names))
	}
	fmt.Println(`},"types":{`)
	for i, n := range names {
		b, _ := json.Marshal(out[n])
		fmt.Printf("%q:%s%s\n", n, b, comma(i, names))
	}
	fmt.Println("}}")
}

func comma(i int, names []string) string {
	if i == len(names)-1 {
		return ""
	}
	return ","
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// fields gives a line per JSON field: name, Go type, then o (omitempty), and patch facts.
func fields(t reflect.Type, properties map[string]map[string]any) (lines []string, children []reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		name, opts, _ := strings.Cut(tag, ",")
		if name == "" && (strings.Contains(opts, "inline") || f.Anonymous) {
			l, c := fields(f.Type, properties)
			if f.Type.Name() != "TypeMeta" {
				for i := range l {
					l[i] += " in=" + f.Name
					if number := protobufNumber(f); number != "" {
						l[i] += " inpb=" + number
					}
				}
			}
			lines, children = append(lines, l...), append(children, c...)
			continue
		}
		if name == "-" || name == "" {
			continue
		}
		children = append(children, f.Type)
		line := name + " " + f.Type.String()
		if strings.Contains(opts, "omitempty") {
			line += " o"
		}
		if strings.Contains(opts, "omitzero") {
			line += " z"
		}
		if number := protobufNumber(f); number != "" {
			line += " pb=" + number
		}
		// What stands behind a named type that is neither a struct nor known by name.
		base := f.Type
		if base.Kind() == reflect.Pointer {
			base = base.Elem()
		}
		if base.PkgPath() != "" && base.Kind() != reflect.Struct {
			line += " " + "is=" + kindOf(base)
		}
		if base.Kind() == reflect.Slice && base.Elem().PkgPath() != "" && base.Elem().Kind() != reflect.Struct {
			line += " items=" + kindOf(base.Elem())
		}
		if s := f.Tag.Get("patchStrategy"); s != "" {
			line += " patch=" + s
		}
		if s := f.Tag.Get("patchMergeKey"); s != "" {
			line += " key=" + s
		}
		if p := properties[name]; p != nil {
			if l, ok := p["x-kubernetes-list-type"].(string); ok {
				line += " list=" + l
			}
			if l, ok := p["x-kubernetes-map-type"].(string); ok {
				line += " map=" + l
			}
			if keys, ok := p["x-kubernetes-list-map-keys"].([]any); ok {
				line += " keys=" + join(keys)
			}
			if enum, ok := p["enum"].([]any); ok {
				line += " enum=" + join(enum)
			}
			if items, ok := p["items"].(map[string]any); ok {
				if enum, ok := items["enum"].([]any); ok {
					line += " enum=" + join(enum)
				}
			}
		}
		lines = append(lines, line)
	}
	return lines, children
}

// protobufNumber gives the field's number in the protobuf form: `protobuf:"bytes,1,opt,name=metadata"`.
func protobufNumber(f reflect.StructField) string {
	parts := strings.Split(f.Tag.Get("protobuf"), ",")
	if len(parts) < 2 {
		return ""
	}
	return parts[1]
}

func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Map:
		return "map[" + t.Key().String() + "]" + t.Elem().String()
	case reflect.Slice:
		return "[]" + t.Elem().String()
	}
	return t.Kind().String()
}

func join(values []any) string {
	words := []string{}
	for _, v := range values {
		words = append(words, fmt.Sprint(v))
	}
	return strings.Join(words, "|")
}
