# shellcheck shell=sh
# Sourced by ./mvnw and ./perdure: POSIX sh, no side effects.

# The JDK's major version, read from its "release" file because starting it costs 50 ms; sets $jdk_major.
read_jdk_major() {
  jdk_major=0
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  while IFS= read -r line; do
    case $line in
      JAVA_VERSION=*)
        jdk_major=${line#*\"}
        jdk_major=${jdk_major%%[!0-9]*}
        return 0 ;;
    esac
  done <"$1/release"
  return 1
}

# Sets $jdk to a JDK of at least version $1: JAVA_HOME, else `java` on the PATH, else the usual folders.
find_jdk() {
  on_path=$(command -v java || true)
  if [ -n "$on_path" ]; then
    on_path=$(readlink -f "$on_path" 2>/dev/null || echo "$on_path")
    on_path=${on_path%/bin/java}
  fi
  for jdk in "${JAVA_HOME:-}" "$on_path" \
    /usr/lib/jvm/* /opt/* "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if [ -n "$jdk" ] && read_jdk_major "$jdk" && [ "$jdk_major" -ge "$1" ]; then
      return 0
    fi
  done
  jdk=
  return 1
}
