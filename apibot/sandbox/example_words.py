"""The names and words that `apibot.sandbox.example` makes its pages of: Lyrenia, a country which is nowhere.

Places in braces are filled as `apibot.sandbox.example_prose` says.
"""

from __future__ import annotations

# Several words stand on a line, and the formatter keeps off.
# fmt: off

REGIONS = ("Velmark", "Ostrand", "Haverness", "Merrowdale", "Tolvania", "Skerrick")

EPITHETS = {
    "Banded": "fasciata",
    "Black-capped": "nigriceps",
    "Blue": "caerulea",
    "Brown": "fusca",
    "Crested": "cristata",
    "Dusky": "obscura",
    "Golden": "aurea",
    "Great": "maxima",
    "Grey": "grisea",
    "Lesser": "minor",
    "Long-tailed": "caudata",
    "Pale": "pallida",
    "Red-throated": "rubrigula",
    "Silver": "argentea",
    "Speckled": "maculosa",
    "Striped": "striata",
    "White-tipped": "albiceps",
}
"""First word of a species' name -> the same in Latin."""

GENERA = {
    "bog pipit": "Turbaria",
    "field mouse": "Campivaga",
    "heath lark": "Ericola",
    "hill fox": "Collicanis",
    "lake diver": "Lacusta",
    "marsh warbler": "Palustrina",
    "moor hare": "Leporella",
    "reed bunting": "Arundina",
    "river otter": "Fluvitra",
    "rock plover": "Saxivola",
    "sand martin": "Arenaria",
    "shore tern": "Litorella",
    "water vole": "Rivicola",
    "wood owl": "Silvastrix",
}
"""Other words of a species' name -> its genus."""

NAMES: dict[str, tuple[tuple[str, ...], ...]] = {
    "town": (
        ("{}{}",),
        ("Ald", "Ash", "Birk", "Brack", "Car", "Cold", "Dray", "Dun", "Elm", "Fal", "Gar", "Harrow", "Holm", "Inger",
         "Kel", "Lang", "Marl", "Nor", "Oster", "Pen", "Quarn", "Ros", "Skan", "Thorn", "Ulver", "Ven", "Yar", "Zel"),
        ("bury", "by", "combe", "field", "gate", "haven", "holt", "mere", "minster", "stead", "thwaite", "wick",
         "worth"),
    ),
    "river": (
        ("{}{}",),
        ("Al", "Bre", "Cor", "Dre", "El", "Fen", "Gla", "Hel", "Is", "Lin", "Mor", "Ner", "Or", "Pel", "Sar", "Tav"),
        ("bourne", "der", "gan", "issa", "low", "mar", "nis", "ra", "then", "trel", "ven", "wen"),
    ),
    "mountain": (
        ("Mount {}{}", "{}{} Fell", "{}{} Peak", "{}{} Horn"),
        ("Arr", "Ban", "Corv", "Durr", "Garr", "Harg", "Kest", "Lom", "Murr", "Orm", "Skall", "Torv", "Und", "Varr"),
        ("ach", "ar", "en", "ick", "or", "oth", "ow", "une"),
    ),
    "person": (
        ("{} {}",),
        ("Agnes", "Alva", "Anton", "Beatrix", "Caspar", "Clara", "Dorothea", "Edmund", "Elin", "Esther", "Felix",
         "Greta", "Hanno", "Henrik", "Ida", "Ivo", "Johanna", "Judith", "Klara", "Leander", "Lydia", "Magnus",
         "Marta", "Matthias", "Nora", "Oskar", "Petra", "Rasmus", "Rosalind", "Ruben", "Sofie", "Tobias", "Viktor"),
        ("Aldermann", "Arkwell", "Bergstad", "Brandt", "Calloway", "Corvin", "Dahl", "Draper", "Ellery", "Fairweather",
         "Fennick", "Grahl", "Halloran", "Hartwell", "Holm", "Jessop", "Karst", "Kettler", "Lindqvist", "Lorimer",
         "Marlow", "Mercer", "Norrby", "Oakes", "Ostermann", "Pell", "Quill", "Rask", "Rookwood", "Sandoval", "Sauer",
         "Thorne", "Tiller", "Ulfeldt", "Vance", "Vestergaard", "Wainwright", "Winther", "Yarrow", "Zeller"),
    ),
    "species": (("{} {}",), tuple(EPITHETS), tuple(GENERA)),
    "ship": (
        ("{} {}",),
        ("Bright", "Faithful", "Gallant", "Golden", "Lucky", "Morning", "Noble", "Northern", "Patient", "Quiet",
         "Royal", "Sea", "Silver", "Southern", "Swift", "Western"),
        ("Albatross", "Anchor", "Dawn", "Dolphin", "Fortune", "Heron", "Lantern", "Mariner", "Meridian", "Petrel",
         "Rose", "Spirit", "Star", "Swan", "Tide", "Venture", "Wanderer"),
    ),
}
"""Kind of article -> patterns and the parts that fill their places."""

PATTERN = ("town", "person", "river", "species", "town", "ship", "person", "mountain")
"""The kinds of the generated articles, in turns."""

SPECIAL = (
    ("town", "Żarnowiec Górny", "Żarnowiec Górny"),
    ("town", "Saint Brannoc's Bay", "Saint Brannoc's Bay"),
    ("river", "Αιγλήεσσα", "Αιγλήεσσα"),
    ("river", "Верхняя Лана", "Верхняя Лана"),
    ("mountain", "Örnafjall", "Örnafjall"),
    ("mountain", "白雲嶺", "白雲嶺"),
    ("person", "Renée d'Aubrac", "Renée d'Aubrac"),
    ("person", "Þóra Ásgeirsdóttir", "Þóra Ásgeirsdóttir"),
    ("species", "Speckled reed bunting", "Speckled reed bunting"),
    ("species", "Grey water vole", "Grey water vole"),
    ("ship", "Kestrel (ship)", "Kestrel"),
    ("ship", "Étoile du Nord (ship)", "Étoile du Nord"),
)
"""Articles of every wiki, whatever its size and seed: kind, title, plain name."""

TITLES = {"river": ("River {}",), "ship": ("{}", "{} (ship)")}
"""Kind -> how a title is made of the plain name, where they differ."""

SHORT = {"town": "{}", "river": "the {}", "mountain": "{}", "person": "{}", "species": "the {}", "ship": "the ''{}''"}
"""Kind -> its name, or a link to it, in running text."""

YEARS = {
    "town": (790, 900),
    "river": (1690, 120),
    "mountain": (1730, 130),
    "person": (1700, 220),
    "species": (1758, 140),
    "ship": (1790, 140),
}
"""Kind -> the earliest year of its first event (founding, survey, birth, description, launch), and the years after."""

STEPS = {"town": 60, "river": 30, "mountain": 25, "person": 6, "species": 22, "ship": 7}
"""Kind -> the most years from one event told to the next."""

NUMBERS = {
    "town": (310, 64000),
    "river": (14, 480),
    "mountain": (420, 2900),
    "person": (44, 49),
    "species": (4, 60),
    "ship": (19, 90),
}
"""Kind -> the least of its number (people, km, m, years of age, cm, m), and what may come on top."""

ALIASES = {
    "town": ("{} (town)", "Town of {}", "{} Town"),
    "river": ("{} (river)", "{} River", "Valley of the {}"),
    "mountain": ("{} (mountain)", "Summit of {}", "{} massif"),
    "person": ("{} (biography)", "Life of {}", "Early life of {}"),
    "species": ("{} (species)", "Habitat of the {}", "Range of the {}"),
    "ship": ("{} (vessel)", "SS {}", "Wreck of the {}"),
}
"""Kind -> titles of redirects to it: the first leads to the article, each further one to the one before."""

DETAILS: dict[str, tuple[str, ...]] = {
    "town": ("market town", "harbour town", "hill town", "river port", "mill town", "cathedral city", "spa town"),
    "river": ("slow lowland river", "swift mountain stream", "tidal river", "clear chalk stream", "braided river"),
    "mountain": ("granite", "limestone", "sandstone", "slate", "basalt"),
    "person": ("botanist", "cartographer", "shipbuilder", "poet", "physician", "bell founder", "painter", "geologist",
               "composer", "judge", "surveyor", "translator", "printer", "schoolteacher"),
    "ship": ("barque", "brig", "cargo steamer", "ferry", "packet ship", "schooner", "survey ship", "whaler"),
}
"""Kind -> its one detail: sort of town or river, rock, profession, type of ship; a species has its Latin name."""

INFOBOX: dict[str, tuple[tuple[str, str], ...]] = {
    "town": (("name", "{bare}"), ("region", "{region}"), ("founded", "{year}"), ("population", "{number}"),
             ("river", "{link_water}")),
    "river": (("name", "{bare}"), ("region", "{region}"), ("length", "{number} km"), ("source", "{link_hill}"),
              ("mouth", "{link_home}")),
    "mountain": (("name", "{bare}"), ("region", "{region}"), ("height", "{number} m"), ("rock", "{detail}")),
    "person": (("name", "{bare}"), ("born", "{year}"), ("birthplace", "{link_home}"), ("died", "{end}"),
               ("occupation", "{detail}")),
    "species": (("name", "{bare}"), ("binomial", "''{detail}''"), ("described", "{year}"), ("length", "{number} cm")),
    "ship": (("name", "{bare}"), ("type", "{detail}"), ("launched", "{year}"), ("length", "{number} m"),
             ("home port", "{link_home}")),
}
"""Kind -> parameters of its infobox template with their values."""

TABLES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "town": ("Population by census", ("Census", "Population", "Schools"), ("{census}", "{figure}", "{few}")),
    "river": ("Gauging stations", ("Station", "Since", "Mean flow (m³/s)"), ("{link_town}", "{census}", "{small}")),
    "mountain": ("Marked routes", ("From", "Hours", "Opened"), ("{link_town}", "{few}", "{census}")),
    "person": ("Selected works", ("Year", "Title"), ("{later}", "''{work}''")),
    "species": ("Counted pairs", ("Year", "Pairs", "Site"), ("{census}", "{figure}", "{link_river}")),
    "ship": ("Voyages", ("Year", "From", "To"), ("{later}", "{link_town}", "{link_town}")),
}
"""Kind -> caption, column heads and cells of a table."""

CATEGORIES: dict[str, tuple[str, str]] = {
    "Contents": ("All articles of this encyclopedia, by subject.", ""),
    "Geography": ("Places and landforms of Lyrenia.", "Contents"),
    "Towns": ("Towns and villages.", "Geography"),
    "Rivers": ("Rivers and streams.", "Geography"),
    "Mountains": ("Mountains and hills.", "Geography"),
    "People": ("Biographies.", "Contents"),
    "Species": ("Species of animals.", "Contents"),
    "Ships": ("Ships and boats.", "Contents"),
    "Stubs": ("Short articles that wait for more.", "Contents"),
    "Redirects from other names": ("Redirects that lead to an article of another name.", "Contents"),
    "Templates": ("Templates used in the articles.", "Contents"),
}
"""Category -> its text and the category it belongs to."""

KIND_CATEGORIES = {
    "town": "Towns",
    "river": "Rivers",
    "mountain": "Mountains",
    "person": "People",
    "species": "Species",
    "ship": "Ships",
}
"""Kind -> the category of its articles."""

REGIONAL = ("Towns",)
"""Categories that are divided by region in all but the smallest wikis."""

TEMPLATES = {
    "Stub": (
        "''This article is a stub.''<includeonly>[[Category:Stubs]]</includeonly>",
        "Marks a short article that waits for more.",
        "<pre>{{Stub}}</pre>",
    ),
    "Bots": (
        "",
        "Shows nothing. Tells bots whether they may edit the page.",
        "<pre>{{bots|allow=NAME,NAME}}\n{{bots|deny=NAME,NAME}}\n{{bots|optout=MESSAGE}}</pre>",
    ),
    "Nobots": ("", "Shows nothing. Keeps bots from editing the page.", "<pre>{{nobots}}</pre>"),
}
"""Template -> what it shows, its documentation and its usage; the infoboxes come on top."""

BROKEN_REDIRECT = ("Vanished villages", "#REDIRECT [[Atlas of vanished villages]]")
"""A redirect to a page that does not exist."""

EXCLUSIONS = (
    "{{nobots}}",
    "{{bots|deny=all}}",
    "{{bots|deny=ExampleBot,SampleBot}}",
    "{{bots|allow=none}}",
    "{{Bots|allow=GardenBot}}",
)
"""What keeps bots out of the few pages that want it, in turns."""

FIGURES = {"figure": (100, 9000), "small": (1, 90), "recent": (2014, 8), "railway": (1846, 60)}
"""Place -> the least figure or year, and what may come on top."""

SLOTS: dict[str, tuple[str, ...]] = {
    "guild": ("weavers", "coopers", "salt merchants", "tanners", "fishmongers", "rope makers"),
    "stone": ("granite", "limestone", "red sandstone", "slate", "basalt"),
    "material": ("brick", "timber", "stone"),
    "wood": ("oak", "larch", "pine", "elm"),
    "goods": ("barley", "wool", "cider", "salt", "rope", "honey", "copper ware", "dried fish", "linen", "paper"),
    "weather": ("mild and wet", "dry and windy", "cool, with long springs,"),
    "season": ("spring", "summer", "autumn", "winter"),
    "direction": ("north", "south", "east", "west", "north-east", "south-west"),
    "few": ("three", "four", "five", "seven", "nine", "eleven", "twelve"),
    "festival": ("the Lantern Fair", "the Feast of Boats", "Candle Week", "the Herring Dance", "Harvest Sunday"),
    "building": ("town hall", "granary", "lighthouse", "corn exchange", "customs house", "covered market"),
    "habitat": ("reed beds", "wet meadows", "stony shores", "old beech woods", "peat bogs", "river islands"),
    "food": ("snails", "seeds", "small insects", "water plants", "berries", "worms"),
    "study": ("tides", "mosses", "bridges", "dialects", "glaciers", "harbours", "folk songs", "lighthouses"),
    "work": ("A Year on the Coast", "Letters from the Valley", "Notes on Stone and Water", "The Book of Tides",
             "Twelve Bridges", "The Lantern Keeper", "Of Mosses and Men", "Songs of the Upper Country",
             "The Long Winter"),
    "cause": ("a late frost", "a great flood", "a dry summer", "a storm from the sea", "a landslide"),
}
"""Words for the places that no page of the wiki fills."""

WRITERS = ("Marlow", "Ida K.", "Old Cooper", "Fenwalker", "Petra Z.", "Quillon")
"""Who signs on talk pages."""

MONTHS = ("January", "March", "April", "June", "August", "September", "November")
"""Months of posts on talk pages."""

__all__ = [
    "ALIASES",
    "BROKEN_REDIRECT",
    "CATEGORIES",
    "DETAILS",
    "EPITHETS",
    "EXCLUSIONS",
    "FIGURES",
    "GENERA",
    "INFOBOX",
    "KIND_CATEGORIES",
    "MONTHS",
    "NAMES",
    "NUMBERS",
    "PATTERN",
    "REGIONAL",
    "REGIONS",
    "SHORT",
    "SLOTS",
    "SPECIAL",
    "STEPS",
    "TABLES",
    "TEMPLATES",
    "TITLES",
    "WRITERS",
    "YEARS",
]
