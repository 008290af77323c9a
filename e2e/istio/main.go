// Istio's own judgement, as a program: validates configuration as istiod does, and fetches images as a proxy's agent does.
//
//	istio-referee validate FILE...   one JSON line per document: {"file","kind","name","warnings","error"}
//	istio-referee fetch REF OUTPUT   writes the module; prints {"digest"} or {"error"}; PULL_SECRET is a docker config
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/hashicorp/go-multierror"
	"gopkg.in/yaml.v3"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/config/validation"
	"istio.io/istio/pkg/wasm"
)

type verdict struct {
	File     string   `json:"file"`
	Kind     string   `json:"kind"`
	Name     string   `json:"name"`
	Warnings []string `json:"warnings"`
	Error    string   `json:"error,omitempty"`
}

func main() {
	args := os.Args[1:]
	switch {
	case len(args) > 1 && args[0] == "validate":
		for _, file := range args[1:] {
			validateFile(file)
		}
	case len(args) == 3 && args[0] == "fetch":
		digest, err := fetch(args[1], args[2])
		if err != nil {
			print(map[string]string{"error": err.Error()})
			os.Exit(1)
		}
		print(map[string]string{"digest": digest})
	default:
		fmt.Fprintln(os.Stderr, "usage: istio-referee validate FILE... | fetch REF OUTPUT")
		os.Exit(2)
	}
}

func print(value any) {
	line, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}

func validateFile(file string) {
	text, err := os.Open(file)
	if err != nil {
		print(verdict{File: file, Warnings: []string{}, Error: err.Error()})
		return
	}
	defer text.Close()
	decoder := yaml.NewDecoder(text)
	for {
		var document map[string]any
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return
		}
		found := verdict{File: file, Warnings: []string{}}
		if err == nil {
			err = validate(document, &found)
		}
		if err != nil {
			found.Error = err.Error()
		}
		print(found)
		if err != nil && document == nil {
			return
		}
	}
}

func validate(document map[string]any, found *verdict) error {
	text, err := json.Marshal(document)
	if err != nil {
		return err
	}
	var object crd.IstioKind
	if err := json.Unmarshal(text, &object); err != nil {
		return err
	}
	found.Kind, found.Name = object.Kind, object.Name
	for name := range document {
		if name != "apiVersion" && name != "kind" && name != "metadata" && name != "spec" {
			return fmt.Errorf("unknown field %q", name)
		}
	}
	group, err := schema.ParseGroupVersion(object.APIVersion)
	if err != nil {
		return err
	}
	kind := config.GroupVersionKind{Group: group.Group, Version: group.Version, Kind: object.Kind}
	known, exists := collections.All.FindByGroupVersionAliasesKind(kind)
	if !exists {
		return fmt.Errorf("unknown kind %v", kind)
	}
	spec, err := known.NewInstance()
	if err != nil {
		return err
	}
	if err := config.ApplyJSONStrict(spec, string(object.Spec)); err != nil {
		return err
	}
	warning, err := known.ValidateConfig(config.Config{
		Meta: config.Meta{
			GroupVersionKind: kind,
			Name:             object.Name,
			Namespace:        object.Namespace,
			Labels:           object.Labels,
			Annotations:      object.Annotations,
		},
		Spec: spec,
	})
	found.Warnings = append(found.Warnings, texts(warning)...)
	return err
}

func texts(warning validation.Warning) []string {
	if warning == nil {
		return nil
	}
	var many *multierror.Error
	if errors.As(warning, &many) {
		all := []string{}
		for _, each := range many.Errors {
			all = append(all, each.Error())
		}
		return all
	}
	return []string{warning.Error()}
}

func fetch(reference, output string) (string, error) {
	option := wasm.ImageFetcherOption{Insecure: true}
	if secret, given := os.LookupEnv("PULL_SECRET"); given {
		option.PullSecret = []byte(secret)
	}
	binary, digest, err := wasm.NewImageFetcher(context.Background(), option).PrepareFetch(strings.TrimPrefix(reference, "oci://"))
	if err != nil {
		return "", err
	}
	bytes, err := binary()
	if err != nil {
		return "", err
	}
	return digest, os.WriteFile(output, bytes, 0o644)
}
