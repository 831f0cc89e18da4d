#include "world.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

namespace year {

namespace {

World* the_world = nullptr;

const char* in_environment(const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr ? value : "";
}

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "year: %s\n", why.c_str());
    std::_Exit(99);
}

/// When the library is loaded: its program has not begun yet.
__attribute__((constructor)) void begin() {
    if (*in_environment("YEAR_SEED") == '\0') {
        return;
    }
    static World instance(std::strtoull(in_environment("YEAR_SEED"), nullptr, 10),
                          in_environment("YEAR_PLACE"), std::atoi(in_environment("YEAR_CONTROL")));
    if (const std::string saved = in_environment("YEAR_SAVED"); !saved.empty()) {
        instance.load(saved, std::atoll(in_environment("YEAR_PAUSE")) * kSecond);
    }
    // Not of children.
    for (const char* const name : {"LD_PRELOAD", "YEAR_SEED"}) {
        ::unsetenv(name);
    }
    the_world = &instance;
}

}  // namespace

World* world() {
    return the_world;
}

World::World(std::uint64_t seed, const std::string& place, int control)
    : machine_(seed, clock_.monotonic()),
      proc_(place),
      weather_(~seed),
      next_weather_(clock_.monotonic() + weather_.about(5 * kDay)),
      control_(control) {
}

bool World::go_on(Time due_on_boot_clock) {
    const Time due = due_on_boot_clock == kNever
                         ? kNever
                         : std::max(due_on_boot_clock - clock_.suspended(), clock_.monotonic());
    const Time to = std::min({due, until_, next_weather_});
    machine_.advance(to, clock_.suspended());
    clock_.set(to);
    if (to == next_weather_) {
        happen();
    }
    return clock_.boot() >= due_on_boot_clock;
}

/// The machine sleeps, or somebody sets its clock.
void World::happen() {
    next_weather_ += weather_.about(5 * kDay);
    if (weather_.chance(0.6)) {
        clock_.suspend(weather_.spread(10 * kMinute, 10 * kHour));
        ++suspends_;
    } else {
        const Time by = weather_.spread(kSecond, 3 * kHour);
        clock_.step_wall(weather_.chance(0.5) ? by : -by);
        ++steps_;
    }
}

void World::obey() {
    char bytes[512];
    const ssize_t count = ::recv(control_, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count == 0) {
        give_up("nobody drives any more");
    }
    if (count > 0) {
        unread_.append(bytes, static_cast<std::size_t>(count));
    }
    // What comes behind an order to go on waits until time stands still again.
    for (std::size_t end = unread_.find('\n'); end != std::string::npos && stopped();
         end = unread_.find('\n')) {
        const std::string order = unread_.substr(0, end);
        unread_.erase(0, end + 1);
        carry_out(order);
    }
}

void World::carry_out(const std::string& order) {
    const std::size_t blank = order.find(' ');
    const std::string word = order.substr(0, blank);
    const std::string rest = blank == std::string::npos ? "" : order.substr(blank + 1);
    if (word == "run") {
        until_ = std::atoll(rest.c_str());
        return;
    }
    if (word == "watch") {
        std::istringstream ports(rest);
        ledger_.watch({std::istream_iterator<std::uint16_t>(ports), {}});
    } else if (word == "ledger") {
        std::ofstream(rest) << ledger_.text(machine_);
    } else if (word == "save") {
        save(rest);
    } else if (word != "now") {
        give_up("an order that is not known: " + order);
    }
    answer(word + " " + std::to_string(clock_.monotonic()) + " " + std::to_string(clock_.boot()) +
           " " + std::to_string(clock_.wall()) + " " + std::to_string(suspends_) + " " +
           std::to_string(steps_));
}

void World::answer(const std::string& text) {
    const std::string line = text + "\n";
    if (::send(control_, line.data(), line.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(line.size())) {
        give_up("nobody listens any more");
    }
}

void World::save(const std::string& file) const {
    std::string bytes;
    machine_.save(bytes);
    const auto put = [&bytes](const auto& value) {
        bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    };
    put(clock_.monotonic());
    put(clock_.suspended());
    put(clock_.wall());
    put(weather_);
    put(next_weather_);
    put(suspends_);
    put(steps_);
    std::ofstream(file, std::ios::binary) << bytes;
}

void World::load(const std::string& file, Time pause) {
    std::ifstream stream(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    if (bytes.empty()) {
        give_up("nothing was saved as " + file);
    }
    const char* rest = bytes.data();
    machine_.load(rest);
    const auto take = [&rest](auto& value) {
        std::memcpy(static_cast<void*>(&value), rest, sizeof value);
        rest += sizeof value;
    };
    Time monotonic = 0;
    Time suspended = 0;
    Time wall = 0;
    take(monotonic);
    take(suspended);
    take(wall);
    take(weather_);
    take(next_weather_);
    take(suspends_);
    take(steps_);
    clock_.set(monotonic);
    clock_.suspend(suspended);
    clock_.step_wall(wall - clock_.wall());
    until_ = monotonic + pause;
    while (!stopped()) {
        go_on(kNever);
    }
    until_ = 0;
}

}  // namespace year
