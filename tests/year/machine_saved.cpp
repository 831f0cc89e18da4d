#include <cstring>
#include <type_traits>

#include "machine.h"

namespace year {

// A machine as bytes.

namespace {

template <typename Value>
void put(std::string& bytes, const Value& value) {
    static_assert(std::is_trivially_copyable_v<Value>);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename Value>
void take(const char*& bytes, Value& value) {
    static_assert(std::is_trivially_copyable_v<Value>);
    std::memcpy(&value, bytes, sizeof value);
    bytes += sizeof value;
}

template <typename Value>
void put(std::string& bytes, const std::vector<Value>& values) {
    put(bytes, values.size());
    for (const Value& value : values) {
        put(bytes, value);
    }
}

template <typename Value>
void take(const char*& bytes, std::vector<Value>& values) {
    std::size_t size = 0;
    take(bytes, size);
    values.resize(size);
    for (Value& value : values) {
        take(bytes, value);
    }
}

}  // namespace

void Machine::save(std::string& bytes) const {
    for (const auto* const number : {&now_, &suspended_, &next_birth_, &next_restart_}) {
        put(bytes, *number);
    }
    put(bytes, random_);
    put(bytes, born_);
    put(bytes, next_cookie_);
    put(bytes, next_inode_);
    put(bytes, next_pid_);
    put(bytes, next_port_);
    put(bytes, counters_);
    put(bytes, connections_);
    put(bytes, free_);
    put(bytes, events_);
    put(bytes, processes_);
}

void Machine::load(const char*& bytes) {
    for (auto* const number : {&now_, &suspended_, &next_birth_, &next_restart_}) {
        take(bytes, *number);
    }
    take(bytes, random_);
    take(bytes, born_);
    take(bytes, next_cookie_);
    take(bytes, next_inode_);
    take(bytes, next_pid_);
    take(bytes, next_port_);
    take(bytes, counters_);
    take(bytes, connections_);
    take(bytes, free_);
    take(bytes, events_);
    take(bytes, processes_);
    // The generated /proc is made anew.
    for (Connection& connection : connections_) {
        connection.linked = false;
    }
    for (Process& process : processes_) {
        process.listed = false;
    }
}

}  // namespace year
