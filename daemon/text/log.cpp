#include "text/log.h"

#include <atomic>
#include <cstdio>

namespace halfclosed::log {

namespace {

void write_plainly(Level /*level*/, std::string_view message) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(message.size()), message.data());
}

std::atomic<Sink> sink_in_use = write_plainly;

}  // namespace

void set_sink(Sink sink) {
    sink_in_use = sink;
}

void write(Level level, std::string_view message) {
    sink_in_use.load()(level, message);
}

}  // namespace halfclosed::log
