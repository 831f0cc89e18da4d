#include "exact/programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "exact/object.h"
#include "exact/refusal.h"
#include "exact/timewait_handler.h"
#include "posix/error.h"
#include "records/fnv1a.h"

namespace halfclosed::exact {

namespace {

using posix::Descriptor;

constexpr const char* kWhat = "programs in the kernel";

std::string last_warning;  // of libbpf, which tells it to a function without an argument of ours

/// The first warning, or the verifier's log if there is one: it comes second.
int keep_warning(libbpf_print_level level, const char* format, std::va_list arguments) {
    const bool is_log = std::string_view(format).find("PROG LOAD LOG") != std::string_view::npos;
    if (level == LIBBPF_WARN && (last_warning.empty() || is_log)) {
        std::va_list again;
        va_copy(again, arguments);
        const int length = std::vsnprintf(nullptr, 0, format, again);
        va_end(again);
        std::string text(static_cast<std::size_t>(std::max(length, 0)), '\0');
        std::vsnprintf(text.data(), text.size() + 1, format, arguments);
        last_warning = in_one_line(text);
    }
    return 0;
}

[[noreturn]] void fail(const std::string& attempt, int error) {
    throw posix::Error(kWhat, attempt + ": " + std::strerror(error) +
                                  reason_of_refusal(error, effective_capabilities(), last_warning));
}

struct CloseObject {
    void operator()(bpf_object* object) const { bpf_object__close(object); }
};
using Object = std::unique_ptr<bpf_object, CloseObject>;

/// Without the copy the program would be detached, and its events missed.
Descriptor duplicate(int descriptor) {
    Descriptor copy(fcntl(descriptor, F_DUPFD_CLOEXEC, 3));
    if (!copy) {
        fail("duplicate a descriptor", errno);
    }
    return copy;
}

/// What a map is called in the object and among the pins, and where its descriptor goes.
struct NamedMap {
    const char* name;
    Descriptor Programs::*descriptor;
};

constexpr NamedMap kMaps[] = {
    {"namespaces", &Programs::namespaces},
    {"counters", &Programs::counters},
    {"slot_counters", &Programs::slot_counters},
    {"shared", &Programs::shared},
    {"sockets", &Programs::sockets},
    {"control", &Programs::control},
    {"faults", &Programs::faults},
};

void load_object(const Hooks& hooks, Programs& programs) {
    last_warning.clear();
    libbpf_set_print(keep_warning);
    LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "halfclosed");
    const auto bytes = exact::object();
    const Object object(bpf_object__open_mem(bytes.data(), bytes.size(), &options));
    if (!object) {
        fail("open", errno);
    }
    for (const Hook* hook : hooks.absent) {
        bpf_program__set_autoload(bpf_object__find_program_by_name(object.get(), hook->program),
                                  false);
    }
    if (const int result = bpf_object__load(object.get()); result != 0) {
        fail("load", -result);
    }
    for (const NamedMap& map : kMaps) {
        programs.*map.descriptor =
            duplicate(bpf_object__find_map_fd_by_name(object.get(), map.name));
    }
    for (const Hook* hook : hooks.attached) {
        bpf_program* const program = bpf_object__find_program_by_name(object.get(), hook->program);
        bpf_link* const link = bpf_program__attach_trace(program);
        if (link == nullptr) {
            fail(std::string("attach to ") + hook->tracepoint, errno);
        }
        programs.links.push_back(duplicate(bpf_link__fd(link)));
        bpf_link__destroy(link);  // the descriptor above keeps it
    }
}

/// Names a build's pins: other programs, or the same with other maps, are not taken over.
std::string fingerprint() {
    const std::span<const std::byte> object = exact::object();
    const std::uint64_t hash = fnv1a({reinterpret_cast<const char*>(object.data()), object.size()});
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
    return text;
}

bool is_fingerprint(const std::string& name) {
    return name.size() == 16 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

void pin(int descriptor, const std::string& path) {
    if (bpf_obj_pin(descriptor, path.c_str()) != 0) {
        fail("pin " + path, errno);
    }
}

/// Whether everything that this build pins was there.
bool find(const std::string& directory, Programs& programs) {
    for (const NamedMap& map : kMaps) {
        Descriptor found(bpf_obj_get((directory + "/" + map.name).c_str()));
        if (!found) {
            return false;
        }
        programs.*map.descriptor = std::move(found);
    }
    return std::filesystem::exists(directory + "/complete");
}

void pin_all(const std::string& directory, const Programs& programs) {
    for (const NamedMap& map : kMaps) {
        pin((programs.*map.descriptor).get(), directory + "/" + map.name);
    }
    int number = 0;
    for (const Descriptor& link : programs.links) {
        pin(link.get(), directory + "/link" + std::to_string(number++));
    }
    // The last one: without it the others are not taken over.
    pin(programs.control.get(), directory + "/complete");
}

Descriptor lock(const std::string& directory) {
    Descriptor opened(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened) {
        fail("open " + directory, errno);
    }
    if (flock(opened.get(), LOCK_EX | LOCK_NB) != 0) {
        throw posix::Error(directory, "another process uses what is pinned here");
    }
    return opened;
}

}  // namespace

Programs load_programs(const Hooks& hooks, const std::string& pin_directory) {
    Programs programs;
    std::string directory;
    if (!pin_directory.empty()) {
        std::error_code error;
        std::filesystem::create_directories(pin_directory, error);
        programs.lock = lock(pin_directory);
        directory = pin_directory + "/" + fingerprint();
        if (find(directory, programs)) {
            return programs;
        }
        // Those of other builds; what else is there is somebody else's.
        for (const auto& old : std::filesystem::directory_iterator(pin_directory, error)) {
            if (is_fingerprint(old.path().filename().string())) {
                std::filesystem::remove_all(old.path(), error);
            }
        }
    }
    load_object(hooks, programs);
    learn_timewait_handler(programs.control.get());
    if (!directory.empty()) {
        std::error_code error;
        if (!std::filesystem::create_directory(directory, error)) {
            fail("make " + directory, error.value());
        }
        pin_all(directory, programs);
    }
    malloc_trim(0);  // the kernel's types took some megabytes
    return programs;
}

}  // namespace halfclosed::exact
