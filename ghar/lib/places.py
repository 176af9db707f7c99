"""Where the cities and their localities are, for listings that come without a position.

A listing that is found here by name alone gets the cell of its locality: near enough for a public
map, and no service is asked where somebody lives. Centres in degrees, latitude first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ghar.lib.geo import Point
from ghar.lib.text import normalise


@dataclass(frozen=True)
class City:
    """`country` is a key of settings.MARKETS; `localities` are keyed by their normal form."""

    name: str
    country: str
    centre: Point
    aliases: tuple[str, ...] = ()
    localities: Mapping[str, tuple[str, Point]] = field(default_factory=dict)


def find_city(name: str) -> City | None:
    """The city of this name, however it is written ("Bangalore", "gurgaon", " KIGALI ")."""
    return _BY_NAME.get(normalise(name))


def find_position(city: str, locality: str = "") -> Point | None:
    """The centre of the locality, else of the city, else None."""
    found = find_city(city)
    if found is None:
        return None
    known = found.localities.get(normalise(locality))
    return known[1] if known else found.centre


def city_names(country: str | None = None) -> list[str]:
    """For the choice of a city: the ones with known localities first."""
    wanted = [city for city in CITIES if country in (None, city.country)]
    return [city.name for city in sorted(wanted, key=lambda city: not city.localities)]


def locality_names() -> list[str]:
    return sorted({name for city in CITIES for name, _point in city.localities.values()})


def _localities(**places: tuple[float, float]) -> dict[str, tuple[str, Point]]:
    named = {key.replace("_", " "): Point(*at) for key, at in places.items()}
    return {normalise(name): (name, point) for name, point in named.items()}


CITIES: Final = (
    City(
        "Kigali",
        "RW",
        Point(-1.9500, 30.0600),
        localities=_localities(
            Nyarutarama=(-1.9330, 30.1010), Kimihurura=(-1.9560, 30.0830), Kacyiru=(-1.9360, 30.0800),
            Remera=(-1.9560, 30.1110), Gisozi=(-1.9230, 30.0680), Kibagabaga=(-1.9290, 30.1160),
            Kicukiro=(-1.9830, 30.1000), Gikondo=(-1.9750, 30.0780), Nyamirambo=(-1.9790, 30.0430),
            Kiyovu=(-1.9520, 30.0640), Kanombe=(-1.9690, 30.1480), Rebero=(-1.9910, 30.0870),
            Gacuriro=(-1.9220, 30.0950), Kabeza=(-1.9640, 30.1300), Kagugu=(-1.9130, 30.0870),
            Rugando=(-1.9530, 30.0910), Muhima=(-1.9400, 30.0540), Nyabugogo=(-1.9390, 30.0440),
            Kimironko=(-1.9490, 30.1260), Niboye=(-1.9790, 30.1130),
        ),
    ),
    City(
        "Gurugram",
        "IN",
        Point(28.4595, 77.0266),
        ("Gurgaon",),
        _localities(
            DLF_Phase_1=(28.4730, 77.1030), DLF_Phase_2=(28.4870, 77.0890),
            DLF_Phase_3=(28.4930, 77.0940), DLF_Phase_4=(28.4650, 77.0860),
            DLF_Phase_5=(28.4480, 77.0990), Sushant_Lok=(28.4600, 77.0750),
            Sohna_Road=(28.4100, 77.0420), Golf_Course_Road=(28.4440, 77.1010),
            Golf_Course_Extension_Road=(28.4080, 77.0830), Sector_14=(28.4720, 77.0470),
            Sector_29=(28.4690, 77.0640), Sector_43=(28.4570, 77.0860), Sector_45=(28.4460, 77.0660),
            Sector_49=(28.4130, 77.0480), Sector_56=(28.4230, 77.0990), Sector_57=(28.4230, 77.0770),
            Sector_82=(28.3930, 76.9680), Palam_Vihar=(28.5110, 77.0330), MG_Road=(28.4800, 77.0800),
            Udyog_Vihar=(28.5030, 77.0830), South_City_1=(28.4590, 77.0640),
            Nirvana_Country=(28.4160, 77.0640), Cyber_City=(28.4950, 77.0890),
        ),
    ),
    City(
        "Bengaluru",
        "IN",
        Point(12.9716, 77.5946),
        ("Bangalore",),
        _localities(
            Indiranagar=(12.9784, 77.6408), Koramangala=(12.9352, 77.6245), HSR_Layout=(12.9116, 77.6389),
            Whitefield=(12.9698, 77.7500), Jayanagar=(12.9250, 77.5938), JP_Nagar=(12.9063, 77.5857),
            BTM_Layout=(12.9166, 77.6101), Marathahalli=(12.9591, 77.6974), Hebbal=(13.0358, 77.5970),
            Malleshwaram=(13.0031, 77.5643), Rajajinagar=(12.9910, 77.5550), Yelahanka=(13.1007, 77.5963),
            Electronic_City=(12.8452, 77.6602), Bellandur=(12.9304, 77.6784), Sarjapur_Road=(12.9100, 77.6870),
            Banashankari=(12.9255, 77.5468), Basavanagudi=(12.9421, 77.5754), Ulsoor=(12.9817, 77.6280),
            Frazer_Town=(12.9986, 77.6130), MG_Road=(12.9756, 77.6068), Richmond_Town=(12.9630, 77.6000),
            CV_Raman_Nagar=(12.9850, 77.6640), Kalyan_Nagar=(13.0220, 77.6400), Domlur=(12.9610, 77.6380),
        ),
    ),
    City("Huye", "RW", Point(-2.5967, 29.7394), ("Butare",)),
    City("Musanze", "RW", Point(-1.4998, 29.6350), ("Ruhengeri",)),
    City("Rubavu", "RW", Point(-1.6775, 29.2610), ("Gisenyi",)),
    City("Muhanga", "RW", Point(-2.0850, 29.7560), ("Gitarama",)),
    City("Rwamagana", "RW", Point(-1.9487, 30.4347)),
    City("Nyagatare", "RW", Point(-1.2980, 30.3270)),
    City("Delhi", "IN", Point(28.6139, 77.2090), ("New Delhi",)),
    City("Noida", "IN", Point(28.5355, 77.3910)),
    City("Ghaziabad", "IN", Point(28.6692, 77.4538)),
    City("Faridabad", "IN", Point(28.4089, 77.3178)),
    City("Mumbai", "IN", Point(19.0760, 72.8777), ("Bombay",)),
    City("Navi Mumbai", "IN", Point(19.0330, 73.0297)),
    City("Thane", "IN", Point(19.2183, 72.9781)),
    City("Pune", "IN", Point(18.5204, 73.8567)),
    City("Hyderabad", "IN", Point(17.3850, 78.4867)),
    City("Chennai", "IN", Point(13.0827, 80.2707), ("Madras",)),
    City("Kolkata", "IN", Point(22.5726, 88.3639), ("Calcutta",)),
    City("Ahmedabad", "IN", Point(23.0225, 72.5714)),
    City("Jaipur", "IN", Point(26.9124, 75.7873)),
    City("Lucknow", "IN", Point(26.8467, 80.9462)),
    City("Chandigarh", "IN", Point(30.7333, 76.7794)),
    City("Indore", "IN", Point(22.7196, 75.8577)),
    City("Kochi", "IN", Point(9.9312, 76.2673), ("Cochin",)),
    City("Goa", "IN", Point(15.4909, 73.8278), ("Panaji", "Panjim")),
    City("Mysuru", "IN", Point(12.2958, 76.6394), ("Mysore",)),
    City("Coimbatore", "IN", Point(11.0168, 76.9558)),
    City("Nagpur", "IN", Point(21.1458, 79.0882)),
    City("Bhopal", "IN", Point(23.2599, 77.4126)),
    City("Surat", "IN", Point(21.1702, 72.8311)),
    City("Visakhapatnam", "IN", Point(17.6868, 83.2185), ("Vizag",)),
)  # fmt: skip

_BY_NAME: Final = {normalise(name): city for city in CITIES for name in (city.name, *city.aliases)}
