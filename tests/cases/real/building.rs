//! Real programs, built and tested by the real toolchains.

use crate::support::{Sandbox, real};

const SERVER: &str = r#"package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
)

func serve(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "%s %s", runtime.Version(), r.URL.Path) }

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(listener, http.HandlerFunc(serve))
	answer, err := http.Get("http://" + listener.Addr().String() + "/hello")
	if err != nil {
		panic(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
}
"#;

const TEST: &str = r#"package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestServe(t *testing.T) {
	w := httptest.NewRecorder()
	serve(w, httptest.NewRequest(http.MethodGet, "/there", nil))
	if !strings.HasSuffix(w.Body.String(), " /there") {
		t.Fatal(w.Body.String())
	}
}
"#;

fn builds(gv: &Sandbox, version: &str) {
    gv.write(".go-version", version);
    gv.write("go.mod", "module example.test/server\n\ngo 1.21\n");
    gv.write("main.go", SERVER);
    gv.write("main_test.go", TEST);
    gv.shim("go build -o server .").ok();
    let server = gv.cwd().join("server");
    gv.output(&mut gv.command(&server)).ok().prints(&format!("go{version} /hello"));
    gv.shim("go version server").ok().prints(&format!("server: go{version}"));
    gv.shim("go test ./...").ok().shows("ok  \texample.test/server");
    gv.shim("go vet ./...").ok();
}

#[test]
fn a_server_is_built_and_tested_with_the_oldest() {
    let Some(gv) = real::sandbox() else { return };
    builds(&gv, "1.21.13");
}

#[test]
fn a_server_is_built_and_tested_with_the_newest() {
    let Some(gv) = real::sandbox() else { return };
    builds(&gv, "1.27.4");
}
