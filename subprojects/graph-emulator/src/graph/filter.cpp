// The part of OData's $filter that directory listings are used with: eq ne ge le gt lt, startswith,
// endswith, in, collection/any(x:x eq '…'), not, and, or, parentheses.
#include "../base/text.hpp"
#include "query.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace emulator {

struct Filter::Node {
    enum class Kind { all, any, negated, compare, starts, ends, one_of, contains };
    Kind kind = Kind::all;
    std::string property;
    std::string comparison;
    std::vector<json::value> operands;
    std::vector<std::unique_ptr<Node>> children;
};

namespace {

using Node = Filter::Node;
using NodePointer = std::unique_ptr<Node>;
constexpr std::size_t longest_filter = 8192;
constexpr int deepest_filter = 32;

class Parser {
 public:
    explicit Parser(std::string_view text) : text_(text) {}

    NodePointer parse() {
        auto node = either();
        skip_blanks();
        return at_ == text_.size() ? std::move(node) : nullptr;
    }

 private:
    // Each rule yields nullptr where the text does not follow it; the callers pass that on.
    NodePointer either() { return chain(Node::Kind::any, "or", &Parser::both); }
    NodePointer both() { return chain(Node::Kind::all, "and", &Parser::single); }

    NodePointer chain(Node::Kind kind, std::string_view word, NodePointer (Parser::*part)()) {
        auto first = (this->*part)();
        if (!first) return nullptr;
        auto node = std::make_unique<Node>();
        node->kind = kind;
        node->children.push_back(std::move(first));
        while (accept_word(word)) {
            auto next = (this->*part)();
            if (!next) return nullptr;
            node->children.push_back(std::move(next));
        }
        if (node->children.size() == 1) return std::move(node->children.front());
        return node;
    }

    NodePointer single() {
        if (++depth_ > deepest_filter) return nullptr;
        auto node = single_at_depth();
        --depth_;
        return node;
    }

    NodePointer single_at_depth() {
        if (accept_word("not")) {
            auto inner = single();
            if (!inner) return nullptr;
            auto node = std::make_unique<Node>();
            node->kind = Node::Kind::negated;
            node->children.push_back(std::move(inner));
            return node;
        }
        if (accept('(')) {
            auto inner = either();
            return inner && accept(')') ? std::move(inner) : nullptr;
        }
        const std::string name = identifier();
        if (name.empty()) return nullptr;
        if (name == "startswith" || name == "endswith") return function(name);
        if (accept('/')) return lambda(name);
        if (accept_word("in")) return membership(name);
        return comparison(name);
    }

    NodePointer function(const std::string& name) {
        auto node = std::make_unique<Node>();
        node->kind = name == "startswith" ? Node::Kind::starts : Node::Kind::ends;
        if (!accept('(')) return nullptr;
        node->property = identifier();
        if (node->property.empty() || !accept(',')) return nullptr;
        return add_literal(*node) && accept(')') ? std::move(node) : nullptr;
    }

    NodePointer lambda(const std::string& collection) {
        auto node = std::make_unique<Node>();
        node->kind = Node::Kind::contains;
        node->property = collection;
        if (identifier() != "any" || !accept('(')) return nullptr;
        const std::string variable = identifier();
        if (variable.empty() || !accept(':') || identifier() != variable) return nullptr;
        if (!accept_word("eq")) return nullptr;
        return add_literal(*node) && accept(')') ? std::move(node) : nullptr;
    }

    NodePointer membership(const std::string& name) {
        auto node = std::make_unique<Node>();
        node->kind = Node::Kind::one_of;
        node->property = name;
        if (!accept('(')) return nullptr;
        do {
            if (!add_literal(*node)) return nullptr;
        } while (accept(','));
        return accept(')') ? std::move(node) : nullptr;
    }

    NodePointer comparison(const std::string& name) {
        static const std::set<std::string, std::less<>> known = {"eq", "ne", "ge",
                                                                 "le", "gt", "lt"};
        auto node = std::make_unique<Node>();
        node->kind = Node::Kind::compare;
        node->property = name;
        node->comparison = identifier();
        if (!known.contains(node->comparison) || !add_literal(*node)) return nullptr;
        return node;
    }

    bool add_literal(Node& node) {
        skip_blanks();
        if (at_ < text_.size() && text_[at_] == '\'') {
            std::string value;
            for (++at_; at_ < text_.size(); ++at_) {
                if (text_[at_] != '\'') {
                    value += text_[at_];
                } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '\'') {
                    value += text_[++at_];
                } else {
                    ++at_;
                    node.operands.emplace_back(value);
                    return true;
                }
            }
            return false;
        }
        std::string word;
        while (at_ < text_.size() &&
               (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 ||
                std::string_view("-:.+").find(text_[at_]) != std::string_view::npos)) {
            word += text_[at_++];
        }
        if (word.empty()) return false;
        if (word == "true" || word == "false") {
            node.operands.emplace_back(word == "true");
        } else if (word == "null") {
            node.operands.emplace_back(nullptr);
        } else {
            node.operands.emplace_back(word);
        }
        return true;
    }

    std::string identifier() {
        skip_blanks();
        std::string name;
        while (at_ < text_.size() &&
               (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) {
            name += text_[at_++];
        }
        return name;
    }

    bool accept(char wanted) {
        skip_blanks();
        if (at_ >= text_.size() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }

    bool accept_word(std::string_view word) {
        skip_blanks();
        const auto after = at_ + word.size();
        if (text_.substr(at_, word.size()) != word) return false;
        if (after < text_.size() && text_[after] != ' ' && text_[after] != '(') return false;
        at_ = after;
        return true;
    }

    void skip_blanks() {
        while (at_ < text_.size() && text_[at_] == ' ')
            ++at_;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

json::value value_of(const DirectoryObject& object, const std::string& property) {
    if (property == "id") return json::value(object.id);
    const auto* value = object.properties.if_contains(property);
    return value == nullptr ? json::value(nullptr) : *value;
}

std::string folded(const json::value& value) {
    return value.is_string() ? lower_case({value.get_string().data(), value.get_string().size()})
                             : json::serialize(value);
}

bool compares(const json::value& value, const std::string& comparison, const json::value& operand) {
    if (comparison == "eq") return folded(value) == folded(operand);
    if (comparison == "ne") return folded(value) != folded(operand);
    if (value.is_null()) return false;
    const int order = folded(value).compare(folded(operand));
    if (comparison == "ge") return order >= 0;
    if (comparison == "le") return order <= 0;
    return comparison == "gt" ? order > 0 : order < 0;
}

bool holds(const Node& node, const DirectoryObject& object) {
    const auto child_holds = [&](const NodePointer& child) { return holds(*child, object); };
    switch (node.kind) {
        case Node::Kind::all:
            return std::all_of(node.children.begin(), node.children.end(), child_holds);
        case Node::Kind::any:
            return std::any_of(node.children.begin(), node.children.end(), child_holds);
        case Node::Kind::negated:
            return !holds(*node.children.front(), object);
        default:
            break;
    }
    const json::value value = value_of(object, node.property);
    const std::string operand = folded(node.operands.front());
    switch (node.kind) {
        case Node::Kind::compare:
            return compares(value, node.comparison, node.operands.front());
        case Node::Kind::starts:
            return value.is_string() && folded(value).starts_with(operand);
        case Node::Kind::ends:
            return value.is_string() && folded(value).ends_with(operand);
        case Node::Kind::one_of:
            return std::any_of(node.operands.begin(), node.operands.end(),
                               [&](const json::value& one) { return compares(value, "eq", one); });
        default:
            return value.is_array() &&
                   std::any_of(value.get_array().begin(), value.get_array().end(),
                               [&](const json::value& item) { return folded(item) == operand; });
    }
}

}  // namespace

Filter::Filter() = default;
Filter::~Filter() = default;
Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;

Result<Filter> Filter::parse(std::string_view text) {
    auto root = text.size() <= longest_filter ? Parser(text).parse() : nullptr;
    if (!root) {
        return Refusal{400, "Request_UnsupportedQuery", "Invalid or unsupported filter clause."};
    }
    Filter filter;
    filter.root_ = std::move(root);
    return filter;
}

bool Filter::matches(const DirectoryObject& object) const {
    return !root_ || holds(*root_, object);
}

std::optional<std::vector<std::string>> Filter::as_ids() const {
    std::vector<std::string> ids;
    const auto add = [&](const Node& node) {
        if (node.kind != Node::Kind::compare || node.property != "id" || node.comparison != "eq" ||
            !node.operands.front().is_string()) {
            return false;
        }
        const auto& id = node.operands.front().get_string();
        ids.push_back(lower_case({id.data(), id.size()}));
        return true;
    };
    if (!root_) return std::nullopt;
    if (root_->kind != Node::Kind::any) {
        if (!add(*root_)) return std::nullopt;
        return ids;
    }
    // Parentheses may nest the alternatives, but delta query takes a flat list only.
    for (const auto& child : root_->children) {
        if (!add(*child)) return std::nullopt;
    }
    return ids;
}

}  // namespace emulator
