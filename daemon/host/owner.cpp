#include "host/owner.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "host/owner_label.h"
#include "text/hex.h"

namespace halfclosed::host {
namespace {

constexpr std::size_t kIdLength = 64;
constexpr std::size_t kShortIdLength = 12;
constexpr std::string_view kScope = ".scope";
constexpr std::string_view kService = ".service";
constexpr std::string_view kSlice = ".slice";

bool is_hexadecimal(std::string_view text) {
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_unit(std::string_view element) {
    return (element.ends_with(kService) && element.size() > kService.size()) ||
           (element.ends_with(kScope) && element.size() > kScope.size());
}

/// What is between the two; nothing if the text is not of that form.
std::optional<std::string_view> between(std::string_view text, std::string_view prefix,
                                        std::string_view suffix) {
    if (text.size() <= prefix.size() + suffix.size() || !text.starts_with(prefix) ||
        !text.ends_with(suffix)) {
        return std::nullopt;
    }
    return text.substr(prefix.size(), text.size() - prefix.size() - suffix.size());
}

/// An element that is of a container: what stands before its id, without the separator, and the id.
struct Container {
    std::string_view prefix;
    std::string_view id;
};

std::optional<Container> container(std::string_view element) {
    if (element.ends_with(kScope)) {
        element.remove_suffix(kScope.size());
    }
    if (element.size() < kIdLength) {
        return std::nullopt;
    }
    const std::string_view id = element.substr(element.size() - kIdLength);
    std::string_view prefix = element.substr(0, element.size() - kIdLength);
    if (!is_hexadecimal(id) || (!prefix.empty() && prefix.back() != '-' && prefix.back() != ':')) {
        return std::nullopt;
    }
    prefix = prefix.substr(0, prefix.empty() ? 0 : prefix.size() - 1);
    if (prefix.ends_with("conmon")) {
        return std::nullopt;
    }
    return Container{prefix, id};
}

/// By what the runtimes put before the id, and, where that is nothing, by the element above.
std::string_view runtime(std::string_view prefix, std::string_view above) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kRuntimes{
        {{"docker", "docker"},
         {"libpod", "podman"},
         {"libpod-payload", "podman"},
         {"cri-containerd", "containerd"},
         {"nerdctl", "containerd"},
         {"crio", "crio"}}};
    const std::string_view word = prefix.empty() ? above : prefix;
    const auto* const found = std::find_if(kRuntimes.begin(), kRuntimes.end(),
                                           [word](const auto& each) { return each.first == word; });
    return found == kRuntimes.end() ? "container" : found->second;
}

/// The UID of the pod whose cgroup this is. systemd's slices have '_' for the '-' of a UID, which would be a level.
std::optional<std::string> pod(std::string_view element, std::string_view above) {
    std::optional<std::string_view> uid;
    if (element.starts_with("kubepods") || element.find("-kubepods-") != std::string_view::npos) {
        const std::size_t start = element.rfind("-pod");
        if (start != std::string_view::npos) {
            uid = between(element.substr(start), "-pod", kSlice);
        }
    } else if (above == "besteffort" || above == "burstable" || above == "guaranteed" ||
               above == "kubepods") {
        uid = between(element, "pod", "");
    }
    if (!uid) {
        return std::nullopt;
    }
    std::string text(*uid);
    std::replace(text.begin(), text.end(), '_', '-');
    return text;
}

/// systemd's escapes undone (unit_name_unescape()): '-' stands for '/', "\x2d" for '-'.
std::string unescaped(std::string_view text) {
    std::string name;
    while (!text.empty()) {
        const auto byte = text.size() >= 4 && text.starts_with("\\x")
                              ? text::parse_hex(text.substr(2, 2))
                              : std::nullopt;
        name += byte ? byte->front() : text[0] == '-' ? '/' : text[0];
        text.remove_prefix(byte ? 4 : 1);
    }
    return name;
}

/// The machine whose cgroup this is.
std::optional<std::string> machine(std::string_view element, std::string_view above) {
    if (element == "payload") {
        if (const auto name = between(above, "systemd-nspawn@", kService)) {
            return unescaped(*name);
        }
    }
    if (const auto name = between(element, "machine-", kScope)) {
        return unescaped(*name);
    }
    if (const auto name = between(element, "lxc.payload.", "")) {
        return std::string(*name);
    }
    if ((above == "lxc" || above == "lxc.payload") && !element.empty()) {
        return std::string(element);
    }
    return std::nullopt;
}

/// Whether a unit only runs what stands below it.
bool is_runtime(std::string_view unit) {
    constexpr std::array<std::string_view, 18> kRuntimes{"docker.service",
                                                         "containerd.service",
                                                         "crio.service",
                                                         "cri-o.service",
                                                         "kubelet.service",
                                                         "podman.service",
                                                         "k3s.service",
                                                         "k3s-agent.service",
                                                         "rke2-server.service",
                                                         "rke2-agent.service",
                                                         "k0scontroller.service",
                                                         "k0sworker.service",
                                                         "lxc.service",
                                                         "lxd.service",
                                                         "incus.service",
                                                         "snap.docker.dockerd.service",
                                                         "snap.lxd.daemon.service",
                                                         "snap.microk8s.daemon-containerd.service"};
    return std::find(kRuntimes.begin(), kRuntimes.end(), unit) != kRuntimes.end() ||
           unit.starts_with("systemd-nspawn@") || unit.starts_with("lxc@");
}

/// Reads a path element by element, from the root down.
class Reader {
 public:
    void read(std::string_view element) {
        if (const auto uid = pod(element.substr(0, element.find(':')), above_)) {
            enter("pod:" + *uid);
            in_pod_ = true;
        }
        if (const auto found = container(element)) {
            const std::string id(found->id.substr(0, kShortIdLength));
            enter(in_pod_ ? id : std::string(runtime(found->prefix, above_)) + ":" + id, element);
            in_pod_ = false;
        } else if (const auto name = machine(element, above_)) {
            enter("machine:" + *name, element);
        } else if (is_unit(element)) {
            if (unit_ && !foreign_ && user_manager(*unit_)) {
                enter({});
            }
            if (!unit_) {
                foreign_ = place_.empty() && below_foreign_;
                // cg_escape() puts a '_' before a name that could be one of the kernel's files.
                unit_ = element.substr(element.starts_with('_') ? 1 : 0);
            }
        }
        below_foreign_ = below_foreign_ || !element.ends_with(kSlice);
        above_ = element;
    }

    /// Empty without a unit and a place, and if it is not systemd that made the unit.
    std::string name() const {
        return foreign_ ? std::string() : unit_ ? joined(place_, *unit_) : place_;
    }

    const std::optional<std::string>& unit() const { return unit_ ? unit_ : place_unit_; }

 private:
    static std::string joined(const std::string& above, std::string_view below) {
        return above.empty() || below.empty() ? above + std::string(below)
                                              : above + "/" + std::string(below);
    }

    /// "user@1000" of "user@1000.service".
    static std::optional<std::string_view> user_manager(std::string_view unit) {
        return between(unit, "user@", kService)
                   ? std::optional(unit.substr(0, unit.size() - kService.size()))
                   : std::nullopt;
    }

    /// What follows is inside of `place`, which is inside of the unit that was met last. `element` may be a unit itself.
    void enter(const std::string& place, std::string_view element = {}) {
        foreign_ = false;
        place_unit_.reset();
        if (unit_) {
            const auto user = user_manager(*unit_);
            if (user || !is_runtime(*unit_)) {
                place_ = joined(place_, user ? *user : std::string_view(*unit_));
                place_unit_ = unit_;
            }
            unit_.reset();
        }
        place_ = joined(place_, place);
        if (is_unit(element)) {
            place_unit_ = element;
        }
    }

    std::string place_;
    std::optional<std::string> unit_;        ///< in the innermost place
    std::optional<std::string> place_unit_;  ///< that the innermost place is, or is in
    std::string_view above_;
    bool in_pod_ = false;
    bool below_foreign_ = false;  ///< an element that is no slice stands above
    bool foreign_ = false;        ///< above the unit, too
};

}  // namespace

Owner owner_of(std::string_view cgroup_path) {
    Reader reader;
    bool root = true;
    for (std::string_view rest = cgroup_path; !rest.empty();) {
        const std::string_view element = rest.substr(0, rest.find('/'));
        rest.remove_prefix(std::min(rest.size(), element.size() + 1));
        // "..": the way out of our own cgroup namespace (kernfs_path_from_node()).
        if (!element.empty() && element != "..") {
            reader.read(element);
            root = false;
        }
    }
    Owner owner;
    owner.cgroup = bounded_path(cgroup_path);
    owner.unit = reader.unit();
    std::string name = reader.name();
    if (name.empty() && !root) {
        name = cgroup_path;
    }
    if (!name.empty()) {
        owner.name = bounded_name(name);
    }
    return owner;
}

bool is_contained(std::string_view owner_name) {
    constexpr std::array<std::string_view, 7> kPlaces{
        "docker:", "podman:", "containerd:", "crio:", "container:", "pod:", "machine:"};
    while (!owner_name.empty()) {
        const std::string_view element = owner_name.substr(0, owner_name.find('/'));
        owner_name.remove_prefix(std::min(owner_name.size(), element.size() + 1));
        if (std::any_of(kPlaces.begin(), kPlaces.end(),
                        [element](std::string_view place) { return element.starts_with(place); })) {
            return true;
        }
    }
    return false;
}

}  // namespace halfclosed::host
